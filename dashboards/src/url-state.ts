import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { type Raw, withoutDefaults } from './search.ts';

/**
 * A page's whole state, read from its address. `read` turns whatever stands there into a state and an empty address into the
 * default; setting it makes a new entry in the browser's history, so that "back" undoes it.
 */
export const useUrlState = <S extends Raw>(
  read: (raw: Raw) => S,
): readonly [S, (changes: Partial<S>, options?: { replace?: boolean }) => void] => {
  const state = read(useSearch({ strict: false }) as Raw);
  const navigate = useNavigate();
  const set = useCallback(
    (changes: Partial<S>, options: { replace?: boolean } = {}) =>
      void navigate({
        to: '.',
        search: ((before: Raw) => withoutDefaults({ ...read(before), ...changes }, read({}))) as never,
        replace: options.replace ?? false,
        resetScroll: false,
      }),
    [navigate, read],
  );
  return [state, set];
};
