import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { getContactRules, putContactRules } from '../../../../schemas/api/automations.ts';
import type { ContactRules } from '../../../../schemas/contact-rules.ts';
import { useAnswer } from '../../ask.ts';
import { call } from '../../call.ts';
import { useSite } from '../../session.ts';

export type Rules = { version: number; rules: ContactRules };

/** Asked again and again: somebody else may have stopped everything. */
export const useContactRules = () =>
  useAnswer<typeof getContactRules>(
    { method: 'GET', path: '/api/sites/:site/contact-rules' },
    { params: { site: useSite().id } },
    { everyMs: 30_000 },
  );

/** Everything is asked anew afterwards: they decide who would get what. */
export const usePutContactRules = (version: number) => {
  const site = useSite();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rules: ContactRules) =>
      call<typeof putContactRules>(
        { method: 'PUT', path: '/api/sites/:site/contact-rules' },
        { params: { site: site.id }, body: rules },
        { ifMatch: version },
      ),
    onSuccess: () => queries.invalidateQueries(),
    // Changed by somebody else meanwhile: the next attempt is on what they are now.
    onError: () => queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/contact-rules'] }),
  });
};
