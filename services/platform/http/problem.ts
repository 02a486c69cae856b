import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ProblemCode, problems } from '../../../schemas/problem.ts';
import { Failure } from '../failure.ts';
import type { Logger } from '../telemetry.ts';

/** Fastify's own refusals, as ours. */
const fromFastify: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too_large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'not_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'not_json',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'bad_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
};

/** Fastify quotes the address, which may be 16 KB long. */
const detailLimit = 300;

const asFailure = (error: FastifyError | Failure): Failure | null => {
  if (error instanceof Failure) return error;
  const code = fromFastify[error.code];
  if (code !== undefined) return new Failure(code, error.message);
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new Failure('bad_request', error.message.slice(0, detailLimit));
  return null;
};

/** The only error handler: a Failure becomes its RFC 9457 problem, anything else is our bug: logged whole, shown as `internal`. */
export const answerProblem =
  (logger: Logger) => async (error: FastifyError | Failure, request: FastifyRequest, reply: FastifyReply) => {
    const failure = asFailure(error);
    if (failure === null)
      logger.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed');
    await sendProblem(reply, failure ?? new Failure('internal'));
    return reply;
  };

const problemOf = ({ code, message, errors }: Failure) => {
  const { status, title } = problems[code];
  return { type: 'about:blank', title, status, code, detail: message, errors };
};

export const sendProblem = async (reply: FastifyReply, failure: Failure): Promise<void> => {
  if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', String(failure.retryAfterSeconds));
  await reply.code(problems[failure.code].status).type('application/problem+json').send(problemOf(failure));
};

/** What came is no request of HTTP, or did not come in time: answered in our words, then the connection ends. */
export const refuseConnection = (error: Error & { code?: string; reason?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const failure = connectionFailure(error);
  const { status } = problems[failure.code];
  const text = JSON.stringify(problemOf(failure));
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  socket.destroySoon();
};

const connectionFailure = ({ code, reason }: { code?: string; reason?: string }): Failure => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Failure('too_slow', 'expected headers within 15 s and the whole request within 30 s');
  if (code === 'HPE_HEADER_OVERFLOW') return new Failure('header_too_large', 'expected at most 16 KB of headers');
  return new Failure('bad_request', `this is no request of HTTP/1.1: ${reason ?? code ?? 'it cannot be read'}`);
};

export const notFound = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  await sendProblem(reply, new Failure('not_found'));
  return reply;
};
