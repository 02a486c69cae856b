import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Route, RouteAnswer } from '../../schemas/api/route.ts';
import { type Address, type CallInput, call } from './call.ts';

export type Answer<T> = UseQueryResult<T, Error>;

const paramsOf = (key: readonly unknown[] | undefined): string =>
  JSON.stringify((key?.[2] as { params?: unknown } | undefined)?.params);

/**
 * An answer that stays on the screen while the next one about the same thing is fetched (another period, another page);
 * never that of another person or mail. `everyMs` asks again and again.
 */
export const useAnswer = <R extends Route>(
  address: Address<R>,
  input: CallInput<R>,
  options: { everyMs?: number; enabled?: boolean } = {},
): Answer<RouteAnswer<R>> => {
  const queryKey = [address.method, address.path, input];
  return useQuery<RouteAnswer<R>>({
    queryKey,
    queryFn: ({ signal }) => call<R>(address, input, { signal }),
    placeholderData: (before, query) => (paramsOf(query?.queryKey) === paramsOf(queryKey) ? before : undefined),
    enabled: options.enabled ?? true,
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
  });
};
