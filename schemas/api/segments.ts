import { z } from 'zod';
import { SegmentId } from '../filters.ts';
import { Cursor, SiteId, Timestamp } from '../primitives.ts';
import { Criterion, Segment } from '../segment.ts';
import { PersonSummary } from './people.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const segmentParams = params.extend({ id: SegmentId });

export const SegmentAnswer = z.object({
  id: z.string(),
  version: z.number().int(),
  changedAt: Timestamp,
  segment: Segment,
});
export type SegmentAnswer = z.infer<typeof SegmentAnswer>;

export const listSegments = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/segments',
  summary: 'Saved segments',
  access: 'viewer',
  params,
  answer: z.object({ segments: z.array(SegmentAnswer) }),
});
export const createSegment = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/segments',
  summary: 'Save a segment: people by what they did, did not do, and are',
  access: 'admin',
  params,
  body: Segment,
  answer: SegmentAnswer,
  status: 201,
});
export const getSegment = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/segments/:id',
  summary: 'One segment',
  access: 'viewer',
  params: segmentParams,
  answer: SegmentAnswer,
});
export const putSegment = defineRoute({
  method: 'PUT',
  path: '/api/sites/:site/segments/:id',
  summary: 'Change a segment; with `If-Match` only if that is still its version',
  access: 'admin',
  params: segmentParams,
  body: Segment,
  answer: SegmentAnswer,
});
export const deleteSegment = defineRoute({
  method: 'DELETE',
  path: '/api/sites/:site/segments/:id',
  summary: 'Hide a segment that nothing saved uses; its versions are kept',
  access: 'admin',
  params: segmentParams,
  answer: z.object({ id: z.string() }),
});
export const listSegmentVersions = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/segments/:id/versions',
  summary: 'Every version of a segment, newest first',
  access: 'viewer',
  params: segmentParams,
  answer: z.object({ versions: z.array(SegmentAnswer) }),
});

export const SegmentPreview = z.object({
  /** Persons of the segment. */
  count: z.number().int(),
  /** All persons of the site. */
  of: z.number().int(),
  /** Last seen first. */
  persons: z.array(PersonSummary),
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type SegmentPreview = z.infer<typeof SegmentPreview>;

export const previewSegment = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/segments/preview',
  summary: 'How many persons a segment would have, and the first of them; saves nothing',
  access: 'viewer',
  params,
  body: z.object({ is: Criterion, limit: z.number().int().min(0).max(100).default(20) }),
  answer: SegmentPreview,
});
export const listSegmentPersons = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/segments/:id/persons',
  summary: 'The persons of a segment, last seen first',
  access: 'viewer',
  params: segmentParams,
  query: z.object({ cursor: Cursor.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
  answer: z.object({ persons: z.array(PersonSummary), nextCursor: Cursor.nullable() }),
});
