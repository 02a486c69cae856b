import { type ProblemCode, problems } from '../../schemas/problem.ts';

/** What is wrong with one field: `path` as the sender wrote it, `message` says what it got and what it takes. */
export type FieldError = { path: string; message: string };

/**
 * The one class for errors that we expect. Anything else that is thrown is a bug.
 * `detail` is shown to whoever asked, so it holds no secret and no other site's data.
 */
export class Failure extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ProblemCode,
    detail?: string,
    more: { errors?: readonly FieldError[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(detail ?? problems[code].title, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Failure';
    this.code = code;
    this.errors = more.errors ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}
