import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consents, isSuppressed } from '../../../test/oracle/contact.ts';
import { personOf, sentRow, store } from '../../../test/support/history.ts';
import { insertRows } from '../../../test/support/rows.ts';
import { runs } from '../../../test/support/runs.ts';
import { sharedWarehouse } from '../../../test/support/warehouse.ts';
import { columnTime } from '../../platform/warehouse/column-time.ts';
import { contactFacts, isQuietAt, suppressedAmong } from './contact.ts';

const warehouse = sharedWarehouse();
const start = Date.parse('2026-10-01T00:00:00Z');

const night = { from: 22, to: 8 };
const at = (time: string, zone: string, hours: { from: number; to: number } | null = night) =>
  isQuietAt(hours, zone, 'Europe/Berlin', Date.parse(`2026-07-01T${time}:00Z`));

test('it is quiet by the clock of the person, over midnight too, from the first hour up to the last', () => {
  expect(['19:59', '20:00', '23:30', '05:59', '06:00'].map((time) => at(time, 'Europe/Berlin'))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(at('20:00', 'America/New_York'), 'it is four in the afternoon there').toBe(false);
  expect(at('12:30', 'UTC', { from: 12, to: 14 })).toBe(true);
  expect(at('14:00', 'UTC', { from: 12, to: 14 })).toBe(false);
  expect(at('23:00', 'UTC', null)).toBe(false);
});

test('who claims to live nowhere is on the shop’s time', () => {
  expect(at('20:00', 'Mars/Olympus')).toBe(true);
  expect(at('19:59', '')).toBe(false);
});

/** A person who said these things, one identify each. */
const said = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 3 }),
    type: fc.constantFrom('identify' as const, 'identify' as const, 'track' as const),
    traits: fc.oneof(
      fc.constant({}),
      fc
        .constantFrom(true, true, 'YES', 1, 'granted', false, 'no', 0, null, '', {})
        .map((marketing) => ({ marketing })),
      fc
        .constantFrom({ mails: true }, { mails: 'yes' }, { mails: null }, { mails: '' }, { sms: true }, null, '', [])
        .map((consent) => ({ consent })),
    ),
  }),
  { maxLength: 5 },
);

test('consent is what was said last, a withdrawal by nothing at all included, as the brute force finds it', async () => {
  const sites = { count: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(said, { minLength: 1, maxLength: 30 }),
      fc.constantFrom('traits.marketing', 'traits.consent.mails'),
      async (histories, consentTrait) => {
        const site = `consent-${sites.count++}`;
        const rows = histories.flatMap((history, user) =>
          history.map(({ at, type, traits }, index) =>
            sentRow(start + at, `${user}-${(index * 7) % 5}`, {
              type,
              userId: `u${user}`,
              ...(type === 'track' ? { event: 'Signed Up', context: { traits } } : { traits }),
            }),
          ),
        );
        if (rows.length === 0) return;
        await store(warehouse(), site, rows);
        const ids = await Promise.all(histories.map((_, user) => personOf(warehouse(), site, `u${user}`)));
        const rules = { consentTrait, quietHours: null };
        const facts = await contactFacts(warehouse(), { id: site, timeZone: 'UTC' }, rules, ids);
        const path = consentTrait.split('.').slice(1);
        const expected = histories.map((history) =>
          consents(
            history.map((each) => ({ ...each, about: {}, properties: {}, isOurs: false })),
            path,
          ),
        );
        expect(ids.map((id) => facts(id).hasConsent)).toEqual(expected);
      },
    ),
    { numRuns: runs(10) },
  );
}, 60_000);

const note = fc.record({
  at: fc.integer({ min: 0, max: 4 }),
  reason: fc.constantFrom('unsubscribed', 'unsubscribed', 'bounce', 'complaint'),
  active: fc.integer({ min: 0, max: 2 }).map((one) => one !== 0),
});

test('who unsubscribed gets no marketing, who complained or whose mailbox is gone gets nothing, as the brute force finds it', async () => {
  const sites = { count: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(note, { maxLength: 5 }), { minLength: 1, maxLength: 50 }), async (addresses) => {
      const site = `suppressed-${sites.count++}`;
      const rows = addresses.flatMap((notes, index) =>
        notes.map(({ at, reason, active }) => [
          site,
          `${index}@example.com`,
          'email',
          active ? reason : 'allowed again',
          active ? 1 : 0,
          columnTime(start + at),
        ]),
      );
      await insertRows(warehouse(), 'suppressions', ['site', 'address', 'channel', 'reason', 'active', 'at'], rows);
      const names = addresses.map((_, index) => `${index}@Example.com`);
      for (const purpose of ['marketing', 'service'] as const) {
        const found = await suppressedAmong(warehouse(), site, names, purpose);
        expect(names.map((name) => found.has(name.toLowerCase()))).toEqual(
          addresses.map((notes) => isSuppressed(notes, purpose)),
        );
      }
    }),
    { numRuns: runs(20) },
  );
}, 60_000);
