import { z } from 'zod';
import type { Automation } from '../../../schemas/automation.ts';
import type { ContactRules } from '../../../schemas/contact-rules.ts';
import { join, type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isRowOfAny, resolvedPerson } from '../events.ts';
import { inPieces } from '../pieces.ts';
import { propertyOf } from '../property.ts';

const Address = z.object({ address: z.string() });

type Purpose = Automation['purpose'];

/**
 * Over the notes of an address, of which the newest counts: whether it must not be written to. Who unsubscribed gets no marketing; what people must know goes there all the same, unless they
 * complained or the mailbox is gone, be it before or after.
 */
export const isSuppressedFor = (purpose: Purpose): Sql => {
  const matters = purpose === 'marketing' ? sql`1` : sql`suppressions.reason != 'unsubscribed' OR active = 0`;
  return sql`argMaxIf(active, (suppressions.at, active), ${matters}) = 1`;
};

/** Those of the addresses that must not be written to: by marketing, which is kept from most, unless said. */
export const suppressedAmong = async (
  warehouse: Warehouse,
  site: string,
  addresses: readonly string[],
  purpose: Purpose = 'marketing',
): Promise<Set<string>> => {
  const found = new Set<string>();
  for (const some of inPieces(addresses.map((address) => address.toLowerCase()))) {
    const { rows } = await warehouse.query(
      sql`
        SELECT address
        FROM suppressions
        WHERE site = ${site}
          AND address IN (SELECT arrayJoin(${some}))
        GROUP BY address
        HAVING ${isSuppressedFor(purpose)}`,
      Address,
      { isLastWord: true },
    );
    for (const { address } of rows) found.add(address);
  }
  return found;
};

const Said = z.object({ person: z.string(), hasConsent: z.coerce.boolean(), timeZone: z.string() });
/** What persons said that decides whether and when they may be written to. */
export type ContactFacts = Omit<z.infer<typeof Said>, 'person'>;

/** An identify says the trait also where it says nothing of it (null, ""), or that there is nothing in which it would lie. */
const saysTrait = (path: string): Sql => {
  const keys = path
    .split('.')
    .slice(1)
    .map((key) => sql`${key}`);
  const said = keys.map((_, index) => {
    const to = join(keys.slice(0, index + 1), ', ');
    const isWhole = index === keys.length - 1;
    return sql`(JSONHas(traits, ${to}) AND ${isWhole ? sql`1` : sql`JSONType(traits, ${to}) != 'Object'`})`;
  });
  return sql`type = 'identify' AND (${join(said, ' OR ')})`;
};

const yes = ['true', 'yes', '1', 'granted'];

/** What was said last counts; of what was said in the same moment, whatever is no consent. */
const consentOf = (trait: string | null): Sql => {
  if (trait === null) return sql`1`;
  const isYes = sql`lower(${propertyOf(trait).text}) IN (SELECT arrayJoin(${yes}))`;
  return sql`argMaxIf(${isYes}, (timestamp, NOT ${isYes}), ${saysTrait(trait)})`;
};

/** By person; who said nothing has no entry where consent is asked for. Reads the granules of their rows, and nothing where the rules ask nothing. */
export const contactFacts = async (
  warehouse: Warehouse,
  site: { id: string; timeZone: string },
  { consentTrait, quietHours }: Pick<ContactRules, 'consentTrait' | 'quietHours'>,
  persons: readonly string[],
): Promise<(person: string) => ContactFacts> => {
  const said = new Map<string, ContactFacts>();
  const silent: ContactFacts = { hasConsent: consentTrait === null, timeZone: site.timeZone };
  if (consentTrait === null && quietHours === null) return () => silent;
  for (const some of inPieces(persons)) {
    const { rows } = await warehouse.query(
      sql`
        SELECT
          toString(${resolvedPerson}) AS person,
          ${consentOf(consentTrait)} AS hasConsent,
          argMaxIf(JSONExtractString(context, 'timezone'), timestamp, JSONExtractString(context, 'timezone') != '') AS timeZone
        FROM events
        WHERE ${isRowOfAny(site.id, some)}
        GROUP BY ${resolvedPerson}`,
      Said,
    );
    for (const { person, hasConsent, timeZone } of rows)
      said.set(person, { hasConsent, timeZone: timeZone || site.timeZone });
  }
  return (person) => said.get(person) ?? silent;
};

/** Kept, since making one takes forty times as long as asking it, and thousands of persons are asked about at a time. Events name the zones, and may name any number of them. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const mostClocks = 500;

/** @throws RangeError where there is no such zone */
const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone });
  if (clocks.size >= mostClocks) clocks.clear();
  clocks.set(timeZone, made);
  return made;
};

const hourIn = (timeZone: string, now: number): number | null => {
  try {
    return Number(clockOf(timeZone).format(now));
  } catch {
    // A browser, or who claims to be one, may say anything.
    return null;
  }
};

/** Whether it is night where the person is. `from` inclusive, `to` exclusive; 22 to 8 goes over midnight. Pure. */
export const isQuietAt = (
  quietHours: ContactRules['quietHours'],
  timeZone: string,
  siteTimeZone: string,
  now: number,
): boolean => {
  if (quietHours === null) return false;
  const { from, to } = quietHours;
  const hour = hourIn(timeZone, now) ?? hourIn(siteTimeZone, now) ?? 0;
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
};

const Counted = z.object({ userId: z.string() });

/** Those of the users who got as many marketing mails as the cap allows. Each counts as what it was sent as, whatever became of its automation since. */
export const cappedAmong = async (
  warehouse: Warehouse,
  ask: { site: string; cap: ContactRules['cap']; now: number },
  users: readonly string[],
): Promise<Set<string>> => {
  const capped = new Set<string>();
  if (ask.cap === null || users.length === 0) return capped;
  for (const some of inPieces(users)) {
    const { rows } = await warehouse.query(
      sql`
        SELECT userId
        FROM (
          SELECT any(user_id) AS userId
          FROM ledger
          WHERE site = ${ask.site}
            AND at >= ${new Date(ask.now - ask.cap.seconds * 1000)}
            AND topic IN ('shopping', 'marketing')
            AND user_id IN (SELECT arrayJoin(${some}))
          GROUP BY action_id
          -- The newest word: one that was uncertain and is to go again is not kept from going by itself.
          HAVING argMax(phase, sequence) IN ('sent', 'uncertain')
        )
        GROUP BY userId
        HAVING count() >= ${ask.cap.mails}`,
      Counted,
      { isLastWord: true },
    );
    for (const { userId } of rows) capped.add(userId);
  }
  return capped;
};
