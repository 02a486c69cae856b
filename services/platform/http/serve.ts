import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Access, Route, RouteAnswer, RouteInput } from '../../../schemas/api/route.ts';
import { Failure, type FieldError } from '../failure.ts';
import { openApiOf } from './openapi.ts';
import type { HttpServer } from './server.ts';

/** Decides who may call; throws a Failure `unauthorized`, `forbidden`, or `not_found` for a site that is not theirs. */
export type Guard = (access: Access, site: string | undefined, request: FastifyRequest) => Promise<void>;

/** `signal` aborts when the caller hangs up. */
export type Http = { request: FastifyRequest; reply: FastifyReply; signal: AbortSignal };

export type Handler<R extends Route> = (input: RouteInput<R>, http: Http) => Promise<RouteAnswer<R>>;

/** zod's issues as field errors whose path is written as the sender would: `steps.0.event`. */
export const fieldErrors = (error: z.ZodError, prefix = ''): FieldError[] =>
  error.issues.slice(0, 20).map((issue) => ({
    path: [prefix, ...issue.path.map(String)].filter((part) => part !== '').join('.'),
    message: issue.message,
  }));

const parse = (schema: z.ZodType | undefined, value: unknown, where: string): unknown => {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error, where === 'body' ? '' : where);
  const first = errors[0];
  throw new Failure('bad_request', first ? `${first.path || 'body'}: ${first.message}` : undefined, { errors });
};

/** Mounts routes: who may, what comes in, what goes out (the answer passes its schema, so nothing leaks). */
export type Serve = <R extends Route>(route: R, handler: Handler<R>) => void;

export const createServe = (http: HttpServer, guard: Guard): Serve => {
  const routes: Route[] = [];
  http.app.get('/api/openapi.json', () => openApiOf(routes));
  return (route, handler) => {
    routes.push(route);
    http.app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const { site } = request.params as { site?: string };
        await guard(route.access, site, request);
        const input = {
          params: parse(route.params, request.params, 'params'),
          query: parse(route.query, request.query, 'query'),
          body: parse(route.body, request.body, 'body'),
        } as RouteInput<typeof route>;
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort(new Failure('unavailable', 'The caller hung up.')));
        const answer = await handler(input, { request, reply, signal: gone.signal });
        reply.code(route.status ?? 200).header('cache-control', 'no-store');
        return route.answer.parse(answer);
      },
    });
  };
};
