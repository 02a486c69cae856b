import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Pool } from '../../../schemas/api/discounts.ts';
import { type Automation, actingSteps, placedSteps, type Step, StoredAutomation } from '../../../schemas/automation.ts';
import { Failure } from '../../platform/failure.ts';
import type { Platform } from '../../platform/platform.ts';
import { columnTime } from '../../platform/warehouse/column-time.ts';
import { sql } from '../../platform/warehouse/sql.ts';
import { inPieces } from '../../questions/pieces.ts';
import { normalized, takenCodes } from './names.ts';

/** A pool is a document that names it; its codes are rows of the table `pool_codes`. */
const PoolDocument = z.object({ name: z.string() });

type Stores = Pick<Platform, 'warehouse' | 'definitions' | 'clock'>;

const CountRow = z.object({ pool: z.string(), codes: z.coerce.number(), left: z.coerce.number() });

/** By name. Reads all codes of the site. */
export const poolsOf = async ({ warehouse, definitions }: Stores, site: string): Promise<Pool[]> => {
  const [documents, { rows }] = await Promise.all([
    definitions.list('discount-pool', site, PoolDocument),
    warehouse.query(
      sql`
        SELECT pool, uniqExact(code) AS codes, uniqExactIf(code, code NOT IN (${takenCodes(site)})) AS left
        FROM pool_codes
        WHERE site = ${site}
        GROUP BY pool`,
      CountRow,
    ),
  ]);
  const counted = new Map(rows.map((row) => [row.pool, row]));
  return documents
    .map(({ id, document: { name } }) => {
      const { codes, left } = counted.get(id) ?? { codes: 0, left: 0 };
      return { id, name, codes, left };
    })
    .sort((one, other) => one.name.localeCompare(other.name));
};

export const createPool = async ({ definitions }: Stores, site: string, name: string): Promise<Pool> => {
  const { id } = await definitions.put(
    'discount-pool',
    site,
    randomUUID(),
    { name },
    { author: 'admin', expectedVersion: 0 },
  );
  return { id, name, codes: 0, left: 0 };
};

const takesFrom = (pool: string) => (step: Step) => 'discount' in step && step.discount?.pool === pool;

/** @throws Failure `not_found`; `conflict` while an automation, also one that is off, takes codes from it */
export const removePool = async ({ definitions }: Stores, site: string, id: string): Promise<void> => {
  const automations = await definitions.list('automation', site, StoredAutomation);
  const user = automations.find(({ document }) => actingSteps(document.steps).some(takesFrom(id)));
  if (user !== undefined)
    throw new Failure(
      'conflict',
      `The automation “${user.document.name}” takes codes from this pool: let it take others first.`,
    );
  await definitions.remove('discount-pool', site, id, 'admin');
};

/** @throws Failure `bad_request` that names the step whose pool is not there */
export const checkPools = async ({ definitions }: Stores, site: string, { steps }: Automation): Promise<void> => {
  const named = placedSteps(steps).flatMap(({ path, step }) => {
    const pool = step.kind === 'email' ? step.discount?.pool : undefined;
    return pool === undefined ? [] : [{ path: `${path}.discount.pool`, pool }];
  });
  if (named.length === 0) return;
  const known = new Set((await definitions.list('discount-pool', site, PoolDocument)).map(({ id }) => id));
  const errors = named
    .filter(({ pool }) => !known.has(pool))
    .map(({ path, pool }) => ({ path, message: `there is no pool ${pool}` }));
  const [first] = errors;
  if (first !== undefined) throw new Failure('bad_request', `${first.path}: ${first.message}`, { errors });
};

type Refused = { line: number; reason: string };
/** Of lines that hold no code, so many are named. */
const mostRefused = 100;
const isHeader = (text: string, line: number): boolean =>
  line === 1 && /^(discount|coupon|promo)?[ _-]?(coupon|code)s?$/i.test(text);

/** Of a line of CSV, whichever sign it is separated by: quoted, or up to the first such sign. */
const firstColumn = (line: string): string => {
  const [, quoted, plain = ''] = /^\s*(?:"([^"]*)"|([^,;\t]*))/.exec(line) ?? [];
  return (quoted ?? plain).trim();
};

/** The first column of each line, in capitals, with how it was written. Pure. */
export const readCodes = (
  text: string,
): { codes: ReadonlyMap<string, string>; repeated: number; refused: readonly Refused[] } => {
  const codes = new Map<string, string>();
  const refused: Refused[] = [];
  let repeated = 0;
  for (const [index, whole] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = index + 1;
    const first = firstColumn(whole);
    if (first === '' || isHeader(first, line)) continue;
    if (!/^[\x21\x23-\x7e]{1,100}$/.test(first))
      refused.push({ line, reason: 'a code has 1 to 100 letters, digits and signs of ASCII, without blanks' });
    else if (codes.has(normalized(first))) repeated += 1;
    else codes.set(normalized(first), first);
  }
  return { codes, repeated, refused };
};

const CodeRow = z.object({ code: z.string() });
const columns = ['site', 'pool', 'code', 'printed', 'at'] as const;

/** Codes that the site has already, of this pool or another or issued by us, are left out: sending the same again adds nothing. */
export const addCodes = async (
  { warehouse, definitions, clock }: Stores,
  { site, pool, text }: { site: string; pool: string; text: string },
): Promise<{ added: number; known: number; refused: Refused[] }> => {
  if ((await definitions.get('discount-pool', site, pool, PoolDocument)) === null)
    throw new Failure('not_found', `There is no pool ${pool}.`);
  const { codes, repeated, refused } = readCodes(text);
  const known = new Set<string>();
  for (const some of inPieces([...codes.keys()])) {
    const isAsked = sql`site = ${site} AND code IN (SELECT arrayJoin(${some}))`;
    const { rows } = await warehouse.query(
      sql`
        SELECT code FROM pool_codes WHERE ${isAsked}
        UNION DISTINCT
        SELECT code FROM discounts WHERE ${isAsked}`,
      CodeRow,
      { isLastWord: true },
    );
    for (const { code } of rows) known.add(code);
  }
  const at = columnTime(clock.now());
  const fresh = [...codes].filter(([code]) => !known.has(code));
  const lines = fresh.map(([code, printed]) => `${JSON.stringify([site, pool, code, printed, at])}\n`);
  if (lines.length > 0) await warehouse.insert('pool_codes', columns, Buffer.from(lines.join('')));
  return { added: fresh.length, known: known.size + repeated, refused: refused.slice(0, mostRefused) };
};
