import { expect } from 'vitest';
import { z } from 'zod';
import { type ProblemCode, problems } from '../../schemas/problem.ts';
import type { Answer } from './connection.ts';

const count = z.int().min(0);
/** What a request that could be read is answered (docs: "Tracking"). */
const Taken = z.strictObject({
  success: z.literal(true),
  accepted: count,
  duplicates: count,
  rejected: count,
  errors: z.array(
    z.strictObject({
      index: count,
      messageId: z.string().max(200),
      code: z.string().min(1),
      path: z.string().max(200),
      message: z.string().min(1).max(1000),
    }),
  ),
  warnings: z
    .array(z.strictObject({ index: count, path: z.string().min(1), message: z.string().min(1) }))
    .max(100)
    .optional(),
});
export type Taken = z.infer<typeof Taken>;

/** RFC 9457, with a detail that says what was wrong. */
const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string().min(1).max(1000),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
});

/**
 * Holds an answer to the contract: 200 with the verdicts, or a problem of the list with its status; nothing of ours breaks, and who is told to come
 * back is told when. Answers the verdicts, or null.
 */
export const checkAnswer = ({ status, headers, text }: Answer, about: string): Taken | null => {
  const demand = (isSo: boolean, what: string): void => {
    if (!isSo) expect.fail(`${about}: ${what}: ${status} ${JSON.stringify(headers)} ${text.slice(0, 500)}`);
  };
  const type = headers['content-type'] ?? '';
  demand(type.startsWith(status === 200 ? 'application/json' : 'application/problem+json'), 'content type');
  const answer = (status === 200 ? Taken : Problem).safeParse(JSON.parse(text));
  demand(answer.success, answer.error?.message ?? '');
  if (status === 200) return answer.data as Taken;
  const { code, title } = answer.data as z.infer<typeof Problem>;
  demand(problems[code].status === status && problems[code].title === title, 'not as listed');
  demand(status < 500 || status === 503, 'our bug');
  demand((status !== 503 && status !== 429) || Number(headers['retry-after']) > 0, 'come back when?');
  return null;
};
