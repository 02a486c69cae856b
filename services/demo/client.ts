import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import { Failure } from '../platform/failure.ts';

/** Tries of one request before it counts as failed: about a minute of a server that says "later". */
const mostTries = 40;
const requestMilliseconds = 30_000;
const pauseMilliseconds = 1500;

/** Speaks to the product as any shop's server would: over HTTP, with its key. */
export type Client = {
  /** Answers parsed JSON. A server that is busy is asked again. @throws Failure on a refusal, the abort's reason when it is over */
  call<T>(method: 'GET' | 'POST', path: string, answer: z.ZodType<T>, more?: CallOptions): Promise<T>;
};
type CallOptions = { body?: unknown; key?: string; userAgent?: string };

const Refusal = z.looseObject({ detail: z.string().optional(), title: z.string().optional() });

export const createClient = (deps: { baseUrl: string; clock: Clock; signal: AbortSignal }): Client => {
  const { baseUrl, clock, signal } = deps;

  const send = (method: string, path: string, { body, key, userAgent }: CallOptions): Promise<Response> =>
    fetch(`${baseUrl}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestMilliseconds)]),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }),
        ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  return {
    call: async (method, path, answer, more = {}) => {
      for (let tries = 1; ; tries++) {
        try {
          const response = await send(method, path, more);
          if (response.ok) return answer.parse(await response.json());
          const { status } = response;
          const refusal = Refusal.safeParse(await response.json().catch(() => ({}))).data;
          const said = refusal?.detail ?? refusal?.title ?? `status ${status}`;
          if (status !== 429 && status < 500) throw new Failure('bad_request', said);
          if (tries >= mostTries) throw new Failure('unavailable', said);
        } catch (error) {
          if (error instanceof Failure || error instanceof z.ZodError || tries >= mostTries || signal.aborted)
            throw error;
        }
        await clock.sleep(pauseMilliseconds, signal);
        signal.throwIfAborted();
      }
    },
  };
};

/** What the collector answers. */
export const TrackingAnswer = z.looseObject({ accepted: z.number(), rejected: z.number().default(0) });
