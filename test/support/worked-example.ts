import { readFileSync } from 'node:fs';

export type WorkedExample = {
  events: Record<string, unknown>[];
  /** A request as the page writes it (`POST /api/…`), its body, and what its answer contains. */
  asked: { method: string; path: string; body: unknown; answer: object }[];
};

const block = '```json\\n(.*?)\\n```';

/** The worked example of a page in docs: a block of events, then by question a path in backticks, a block to send, a block that comes back. */
export const workedExample = (page: string): WorkedExample => {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8').split('## Worked example')[1] ?? '';
  const events = new RegExp(block, 's').exec(text)?.[1] ?? '[]';
  const asked = [...text.matchAll(new RegExp(`\`(GET|POST) (/api/[^\`]+)\`\\s+${block}.*?${block}`, 'gs'))];
  return {
    events: JSON.parse(events) as WorkedExample['events'],
    asked: asked.map(([, method = '', path = '', body = '', answer = '']) => ({
      method,
      path,
      body: JSON.parse(body),
      answer: JSON.parse(answer) as object,
    })),
  };
};
