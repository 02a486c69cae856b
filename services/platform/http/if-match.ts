import type { FastifyRequest } from 'fastify';
import { Failure } from '../failure.ts';

/** `If-Match: "3"` or `3`; without it the newest version is overwritten. */
export const expectedVersion = ({ headers }: Pick<FastifyRequest, 'headers'>): { expectedVersion?: number } => {
  const header = headers['if-match'];
  if (header === undefined) return {};
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1];
  if (version === undefined)
    throw new Failure('bad_request', `If-Match: expected a version number, got ${JSON.stringify(header.slice(0, 50))}`);
  return { expectedVersion: Number(version) };
};
