import type { z } from 'zod';

/** Who may call: nobody asked, a site's secret key, a signed-in reader of the site, an administrator. */
export type Access = 'public' | 'secretKey' | 'viewer' | 'admin';

/**
 * A route as a value: the server mounts it with a handler (`serve`), the pages call it with its type (`call`), the
 * OpenAPI document is generated from it. Paths name parameters as `:site`.
 */
export type Route = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  readonly status?: 200 | 201 | 202 | 204;
};

/** Keeps the literal types of a route. */
export const defineRoute = <const R extends Route>(route: R): R => route;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type Sent<S> = S extends z.ZodType ? z.input<S> : undefined;

/** What a handler gets: parsed and defaulted. */
export type RouteInput<R extends Route> = {
  params: Parsed<R['params']>;
  query: Parsed<R['query']>;
  body: Parsed<R['body']>;
};
/** What a caller sends. */
export type RouteCall<R extends Route> = {
  params: Sent<R['params']>;
  query: Sent<R['query']>;
  body: Sent<R['body']>;
};
export type RouteAnswer<R extends Route> = z.output<R['answer']>;
