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
    // Who hangs up while a file is read to them leaves nobody to answer, and nothing that an operator could mend.
    if (error.code === 'ERR_STREAM_PREMATURE_CLOSE' && request.raw.socket.destroyed) return reply;
    if (failure === null)
      logger.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed');
    // A connection that is closed while its client is still sending breaks, and the answer is lost with it: the client would take that for an outage and
    // send the same again. What is left of the body is left aside, for as long as a request may take.
    if (!request.raw.complete) reply.removeHeader('connection');
    await sendProblem(reply, failure ?? new Failure('internal'));
    return reply;
  };

export const problemOf = ({ code, message, errors }: Failure) => {
  const { status, title } = problems[code];
  return { type: 'about:blank', title, status, code, detail: message, errors };
};

export const sendProblem = async (reply: FastifyReply, failure: Failure): Promise<void> => {
  if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', String(failure.retryAfterSeconds));
  await reply.code(problems[failure.code].status).type('application/problem+json').send(problemOf(failure));
};

export const notFound = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  await sendProblem(reply, new Failure('not_found'));
  return reply;
};
