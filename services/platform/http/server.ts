import fastifyCookie from '@fastify/cookie';
import fastify, { type FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { createBodyRoom } from './body-room.ts';
import { createConnectionRefusal } from './connection-refusal.ts';
import { boundPipelining } from './pipelining.ts';
import { answerProblem, notFound } from './problem.ts';
import { watchUnderWay } from './under-way.ts';

/** Services mount their routes on `app` before `listen`. */
export type HttpServer = {
  app: FastifyInstance;
  /** Answers the port that was taken. */
  listen(): Promise<number>;
  /** Base of links that leave the product (mails): PUBLIC_URL, else http://localhost:port. Never from a Host header. */
  publicUrl(): string;
  /** A named check for GET /health/ready: rejects with what is wrong. */
  addCheck(name: string, check: () => Promise<void>): void;
  /** Stops accepting, lets running requests end (at most 5 s). */
  close(): Promise<void>;
};

/** Most bytes of a request's body on the wire; batches above are answered 413. */
export const bodyLimitBytes = 4 * 1024 * 1024;
/** Most bytes that the large bodies of all requests under way may hold. Memory is some three times that: pieces, the whole, the record for the log. */
const bodyRoomBytes = 96 * 1024 * 1024;

/** Slow-loris: headers within 15 s, the whole request within 30 s, looked at every 5 s; so nobody holds a connection for longer than that. */
const headersMilliseconds = 15_000;
const requestMilliseconds = 30_000;
const checkMilliseconds = 5_000;

/** Requests of one connection that wait for their answers at a time; who sends more without waiting is not read from until then. */
const mostUnderWay = 100;

/** Names and values take turns. */
const hostsIn = (rawHeaders: readonly string[]): number =>
  rawHeaders.filter((name, index) => index % 2 === 0 && name.length === 4 && name.toLowerCase() === 'host').length;

/** What a request must have before anything reads its body. */
const guardBodies = (app: FastifyInstance): void => {
  const room = createBodyRoom(bodyRoomBytes);
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    const hosts = hostsIn(raw.rawHeaders);
    const isOk = hosts === 1 || (hosts === 0 && raw.httpVersion !== '1.1');
    done(isOk ? undefined : new Failure('bad_request', `host: HTTP/1.1 requires one such header, got ${hosts}`));
  });
  app.addHook('preParsing', (request, reply, payload, done) => {
    const { 'content-length': length } = request.headers;
    const declaredBytes = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    // Refused by its length, without being read.
    if (length !== undefined && declaredBytes > bodyLimitBytes) return done(null, payload);
    const { body, answered } = room.count(payload, declaredBytes);
    if (body !== payload) reply.raw.once('close', answered);
    done(null, body);
  });
  // Node would answer 417 without a word; an expectation that we do not know changes nothing for us.
  app.server.on('checkExpectation', (request, response) => void app.server.emit('request', request, response));
};

export const createHttpServer = (config: Config, telemetry: Telemetry): HttpServer => {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestMilliseconds,
    connectionTimeout: 60_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: true },
    logger: false,
    // A request without a Host is refused by a hook, in our words.
    http: { connectionsCheckingInterval: checkMilliseconds, requireHostHeader: false },
    frameworkErrors: answerProblem(telemetry.logger),
    clientErrorHandler: createConnectionRefusal(() => underWay),
  });
  app.server.headersTimeout = headersMilliseconds;
  const underWay = watchUnderWay(app.server);
  boundPipelining(app.server, underWay, mostUnderWay);
  // Asked once, the address is still known when a page has sent its last events and is gone before they are read.
  app.server.on('connection', (socket) => void socket.remoteAddress);
  guardBodies(app);
  app.register(fastifyCookie);
  app.setErrorHandler(answerProblem(telemetry.logger));
  app.setNotFoundHandler(notFound);

  const checks = new Map<string, () => Promise<void>>();
  let isClosing = false;
  let port = config.port;

  app.get('/health/live', () => ({ status: 'up' }));
  app.get('/health/ready', async (_request, reply) => {
    const faults = await findFaults(checks);
    if (isClosing) faults.push({ name: 'server', reason: 'shutting down' });
    reply.code(faults.length === 0 ? 200 : 503);
    return { status: faults.length === 0 ? 'ready' : 'not ready', faults };
  });
  app.get('/metrics', async (_request, reply) => {
    reply.type(telemetry.metrics.contentType);
    return telemetry.metrics.metrics();
  });

  return {
    app,
    listen: async () => {
      await app.listen({ port: config.port, host: config.host });
      const address = app.server.address();
      if (typeof address === 'object' && address !== null) port = address.port;
      return port;
    },
    publicUrl: () => config.publicUrl ?? `http://localhost:${port}`,
    addCheck: (name, check) => void checks.set(name, check),
    close: async () => {
      isClosing = true;
      const kill = setTimeout(() => app.server.closeAllConnections(), 5_000);
      await app.close();
      clearTimeout(kill);
    },
  };
};

const findFaults = async (
  checks: ReadonlyMap<string, () => Promise<void>>,
): Promise<{ name: string; reason: string }[]> => {
  const results = await Promise.all(
    [...checks].map(async ([name, check]) => {
      try {
        await check();
        return [];
      } catch (error) {
        return [{ name, reason: error instanceof Error ? error.message : String(error) }];
      }
    }),
  );
  return results.flat();
};
