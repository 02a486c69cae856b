import { Link } from '@tanstack/react-router';
import { UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useSite } from '../session.ts';

type Known = { userId: string; email: string; name?: string };

/** What one calls a person: name, address, user id, else that nothing is known. */
export const personName = ({ userId, email, name = '' }: Known): string =>
  name || email || userId || 'Anonymous visitor';

const initials = (name: string): string =>
  name
    .replace(/@.*/, '')
    .split(/[\s._-]+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');

export const Avatar = ({ person, large = false }: { person: Known; large?: boolean }) => (
  <span className={large ? 'avatar large' : 'avatar'} aria-hidden>
    {person.userId === '' && person.email === '' ? <UserRound size={large ? 24 : 16} /> : initials(personName(person))}
  </span>
);

export const PersonLink = ({ id, person, children }: { id: string; person: Known; children?: ReactNode }) => {
  const site = useSite();
  return (
    <Link to="/$site/people/$id" params={{ site: site.id, id }} className="clip">
      {children ?? personName(person)}
    </Link>
  );
};
