import type { Route, RouteAnswer, RouteCall } from '../../schemas/api/route.ts';

/** What of a call a route takes: nothing else may be given, and nothing of it left out but a body that it does without. */
type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as T[K] extends undefined ? never : undefined extends T[K] ? K : never]?: T[K];
};
export type CallInput<R extends Route> = Given<RouteCall<R>>;
export type Address<R extends Route> = { method: R['method']; path: R['path'] };

/** A refusal of the server (RFC 9457) or a network that is away (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly errors: readonly { path: string; message: string }[];

  constructor(status: number, message: string, errors: readonly { path: string; message: string }[] = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

type Loose = {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, unknown>>;
  body?: unknown;
};

/** `/api/sites/:site` with its parameters filled in, and the query behind it; undefined values are left out. */
export const addressOf = (path: string, input: Loose): string => {
  const filled = path.replaceAll(/:([a-z]+)/gi, (_, name: string) => encodeURIComponent(input.params?.[name] ?? ''));
  const query = new URLSearchParams(
    Object.entries(input.query ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString();
  return query === '' ? filled : `${filled}?${query}`;
};

const problemOf = async (response: Response): Promise<Problem> => {
  const text = await response.text();
  try {
    const { title, detail, errors } = JSON.parse(text) as Partial<{
      title: string;
      detail: string;
      errors: { path: string; message: string }[];
    }>;
    return new Problem(response.status, detail ?? title ?? `The server answered ${response.status}.`, errors ?? []);
  } catch {
    return new Problem(response.status, `The server answered ${response.status}.`);
  }
};

const send = async (url: string, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, 'The server cannot be reached.');
  }
};

/**
 * Asks a route of schemas/api by its type alone (its value would bring zod along):
 * `call<typeof getSite>({ method: 'GET', path: '/api/sites/:site' }, { params: { site } })`. Throws `Problem`.
 */
export const call = async <R extends Route>(
  address: Address<R>,
  input: CallInput<R>,
  options: { signal?: AbortSignal; ifMatch?: number } = {},
): Promise<RouteAnswer<R>> => {
  const loose = input as Loose;
  const response = await send(addressOf(address.path, loose), {
    method: address.method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(loose.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.ifMatch === undefined ? {} : { 'if-match': String(options.ifMatch) }),
    },
    ...(loose.body === undefined ? {} : { body: JSON.stringify(loose.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as RouteAnswer<R>;
};
