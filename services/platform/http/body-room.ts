import { type Readable, Transform } from 'node:stream';
import { Failure } from '../failure.ts';

/**
 * Smaller bodies are not counted, so shoppers' events come in whatever else does: what a browser sends on leaving a page ends at 64 KB.
 */
const uncountedBytes = 64 * 1024;
const retrySeconds = 1;

/** What the large bodies of all requests under way may hold together: 4 MB each, they are only bounded by the number of connections. */
export type BodyRoom = {
  /** The body as it comes in, counted until `answered` is called; it fails with `unavailable` where there is no room for more of it. */
  count(body: Readable, declaredBytes: number): { body: Readable; answered(): void };
};

export const createBodyRoom = (mostBytes: number): BodyRoom => {
  let taken = 0;
  const counted = (body: Readable): { body: Readable; answered(): void } => {
    let held = 0;
    const counting = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (taken + chunk.length > mostBytes)
          return done(
            new Failure('unavailable', 'Too many large bodies are on their way: send this one again.', {
              retryAfterSeconds: retrySeconds,
            }),
          );
        taken += chunk.length;
        held += chunk.length;
        done(null, chunk);
      },
    });
    // Not `pipeline`: where there is no room it would cut the connection before the answer is out.
    body.once('error', (error) => counting.destroy(error));
    body.once('close', () => {
      if (!body.readableEnded) counting.destroy();
    });
    body.pipe(counting);
    return {
      body: counting,
      answered: () => {
        // What is left of a body that was refused is read and left aside: else its sender never comes to the answer.
        body.unpipe(counting);
        body.resume();
        counting.destroy();
        taken -= held;
        held = 0;
      },
    };
  };
  return {
    // A body without a length may be of any.
    count: (body, declaredBytes) =>
      declaredBytes <= uncountedBytes ? { body, answered: () => undefined } : counted(body),
  };
};
