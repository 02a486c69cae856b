import { useParams } from '@tanstack/react-router';
import { createContext, useContext } from 'react';
import type { SessionAnswer } from '../../schemas/api/administration.ts';

export type SiteInfo = SessionAnswer['sites'][number];

export const SessionContext = createContext<SessionAnswer | null>(null);

export const useSession = (): SessionAnswer => {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('pages stand inside the shell');
  return session;
};

/** The site of the address. The shell shows no page where the session does not have it. */
export const useSite = (): SiteInfo => {
  const { site } = useParams({ strict: false }) as { site?: string };
  const found = useSession().sites.find(({ id }) => id === site);
  if (found === undefined) throw new Error('the shell shows no page of a site that is not there');
  return found;
};
