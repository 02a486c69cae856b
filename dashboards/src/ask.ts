import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Route, RouteAnswer } from '../../schemas/api/route.ts';
import { type Address, type CallInput, call } from './call.ts';

export type Answer<T> = UseQueryResult<T, Error>;

/** An answer that is kept on the screen while the next one is fetched; `everyMs` asks again and again. */
export const useAnswer = <R extends Route>(
  address: Address<R>,
  input: CallInput<R>,
  options: { everyMs?: number; enabled?: boolean } = {},
): Answer<RouteAnswer<R>> =>
  useQuery({
    queryKey: [address.method, address.path, input],
    queryFn: ({ signal }) => call<R>(address, input, { signal }),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
  });
