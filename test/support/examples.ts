import { readFileSync } from 'node:fs';
import type { Journey, JourneyEvent } from './journeys.ts';

/** A worked example of a page of docs: what people did, and questions with the part of the answer that matters. */
export type Example = {
  /** The rule that it stands under. */
  rule: string;
  journeys: Journey[];
  questions: { verb: string; ask: Record<string, unknown>; get: Record<string, unknown> }[];
};

const stored = [
  'session',
  'path',
  'price',
  'revenue',
  'currency',
  'source',
  'type',
  'channel',
  'orderId',
  'products',
] as const;

/** `10-05 10:00 visit {"source": "mail"}`: in UTC of 2026; what has no column of its own is a property. */
const parseEvent = (text: string, messageId: string): JourneyEvent => {
  const match = /^(\d\d-\d\d) (\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ([^{]+?)\s*(\{.*\})?$/.exec(text.trim());
  if (match === null) throw new Error(`no event of an example: ${text}`);
  const [, date, clock = '', event = '', json = '{}'] = match;
  const given = JSON.parse(json) as Record<string, string>;
  const isColumn = (key: string): boolean => stored.some((name) => name === key);
  const own = Object.fromEntries(Object.entries(given).filter(([key]) => isColumn(key)));
  const rest = Object.fromEntries(Object.entries(given).filter(([key]) => !isColumn(key)));
  return {
    ...own,
    messageId,
    time: Date.parse(`2026-${date}T${clock.length === 5 ? `${clock}:00` : clock}Z`),
    event,
    ...(Object.keys(rest).length === 0 ? {} : { properties: JSON.stringify(rest) }),
  };
};

const parseExample = (rule: string, block: string, verbs: readonly string[]): Example => {
  const example: Example = { rule, journeys: [], questions: [] };
  for (const line of block.split('\n').filter((each) => each.trim() !== '')) {
    const [, name = '', text = ''] = /^\s*(\S+)\s+(.*)$/.exec(line) ?? [];
    if (verbs.includes(name))
      example.questions.push({ verb: name, ask: JSON.parse(text) as Record<string, unknown>, get: {} });
    else if (name === 'get') Object.assign(example.questions.at(-1)?.get ?? {}, JSON.parse(text));
    else example.journeys.push(text.split(';').map((each, place) => parseEvent(each, `${name}-${place}`)));
  }
  return example;
};

/** Every block ```` ```example ```` of a page of `docs/`. Lines begin with a verb (a question), `get`, or somebody's name. */
export const examplesOf = (page: string, verbs: readonly string[]): Example[] => {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^ *```example\n(.*?)^ *```$/gms)].map((match) => {
    const rule =
      text
        .slice(0, match.index)
        .match(/^(\d+)\. /gm)
        ?.at(-1) ?? '';
    return parseExample(rule.replace('. ', ''), match[1] ?? '', verbs);
  });
};
