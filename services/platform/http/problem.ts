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

const asFailure = (error: FastifyError | Failure): Failure | null => {
  if (error instanceof Failure) return error;
  const code = fromFastify[error.code];
  if (code !== undefined) return new Failure(code, error.message);
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new Failure('bad_request', error.message);
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

export const sendProblem = async (reply: FastifyReply, failure: Failure): Promise<void> => {
  const { status, title } = problems[failure.code];
  if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', String(failure.retryAfterSeconds));
  await reply.code(status).type('application/problem+json').send({
    type: 'about:blank',
    title,
    status,
    code: failure.code,
    detail: failure.message,
    errors: failure.errors,
  });
};

export const notFound = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  await sendProblem(reply, new Failure('not_found'));
  return reply;
};
