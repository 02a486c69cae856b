import { z } from 'zod';
import { EventFilter, Where } from '../filters.ts';
import { Cursor, EventName, isInOrder, PersonId, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const inOrder = { path: ['to'], message: 'must be later than "from"' };

const Steps = z.object({
  /** Names of the events that count as steps; all but identify, group and alias calls unless said. */
  events: z.array(EventName).min(1).max(100).optional(),
  except: z.array(EventName).max(100).default([]),
  where: Where.default([]),
  /** What a page view is called. */
  pages: z.enum(['name', 'path']).default('name'),
  /** Patterns of paths, `*` for any text: pages that fit one are called by it. */
  groups: z.array(z.string().min(1).max(200)).max(50).default([]),
});
export type PathSteps = z.infer<typeof Steps>;

/** docs/paths.md says what each field means. */
const question = {
  /** Forward from it; with `end` too, between the two; neither: forward from any step. */
  start: EventFilter.optional(),
  /** Backward from it. */
  end: EventFilter.optional(),
  from: Timestamp,
  to: Timestamp,
  steps: Steps.default({ except: [], where: [], pages: 'name', groups: [] }),
  countBy: z.enum(['person', 'session', 'visit']).default('person'),
  /** Longest pause within a visit. */
  gapSeconds: z.number().int().min(1).max(86_400).default(1800),
  /** Which start (or end, backward) of a walker in the range. */
  occurrence: z.enum(['first', 'last']).default('first'),
  /** Seconds from the first event of a path to its last, inclusive. */
  windowSeconds: z
    .number()
    .int()
    .min(1)
    .max(366 * 86_400)
    .default(604_800),
  /** Holds for every event. */
  where: Where.default([]),
  maxSteps: z.number().int().min(2).max(20).default(5),
  /** Prefixes shown in a column. */
  limit: z.number().int().min(1).max(50).default(10),
  /** Whole paths listed. */
  topPaths: z.number().int().min(0).max(100).default(10),
};

export const PathsQuery = z.object(question).refine(isInOrder, inOrder);
export type PathsQuery = z.infer<typeof PathsQuery>;

/** `<column>:<prefix>`, `<column>:other` or `<column>:exit`. The same prefix has the same id in every answer. */
const NodeId = z.string().regex(/^\d{1,2}:(\d{1,20}|other|exit)$/, 'the id of a node, as answered');

export const PathNode = z.object({
  id: NodeId,
  /** Column, 0-based. */
  step: z.number().int(),
  name: z.string(),
  kind: z.enum(['event', 'other', 'exit']),
  /** Walkers; the nodes of a column add up to `entries`. */
  count: z.number().int(),
  /** Of an exit: whose path may still go on. */
  pending: z.number().int(),
});
export type PathNode = z.infer<typeof PathNode>;

export const PathLink = z.object({ from: NodeId, to: NodeId, count: z.number().int() });
export type PathLink = z.infer<typeof PathLink>;

export const PathsAnswer = z.object({
  direction: z.enum(['forward', 'backward', 'between']),
  entries: z.number().int(),
  nodes: z.array(PathNode),
  /** From each column to the next. */
  links: z.array(PathLink),
  paths: z.array(z.object({ steps: z.array(z.string()), count: z.number().int(), isOver: z.boolean() })),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type PathsAnswer = z.infer<typeof PathsAnswer>;

export const queryPaths = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/paths/query',
  summary: 'The most walked ways from an event, to an event, or between two',
  access: 'viewer',
  params,
  body: PathsQuery,
  answer: PathsAnswer,
});

export const PathPersonsQuery = z
  .object({
    ...question,
    node: NodeId.optional(),
    link: z.object({ from: NodeId, to: NodeId }).optional(),
    cursor: Cursor.optional(),
    limitPersons: z.number().int().min(1).max(200).default(50),
  })
  .refine(isInOrder, inOrder)
  .refine(({ node, link }) => (node === undefined) !== (link === undefined), {
    path: ['node'],
    message: 'either a node or a link',
  });
export type PathPersonsQuery = z.infer<typeof PathPersonsQuery>;

export const PathPersonsAnswer = z.object({
  persons: z.array(
    z.object({
      person: PersonId,
      userId: z.string(),
      email: z.string(),
      /** '' but for sessions. */
      session: z.string(),
      /** When the path begins (backward: ends). */
      at: Timestamp,
      steps: z.array(z.string()),
    }),
  ),
  nextCursor: Cursor.nullable(),
});
export type PathPersonsAnswer = z.infer<typeof PathPersonsAnswer>;

export const listPathPersons = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/paths/persons',
  summary: 'Who is behind a node or a link, by the same condition',
  access: 'viewer',
  params,
  body: PathPersonsQuery,
  answer: PathPersonsAnswer,
});
