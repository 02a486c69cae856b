import { expect, test } from 'vitest';
import { Criterion } from '../../schemas/segment.ts';
import { criterionOf, type Draft, freshDraft, type GroupDraft, groupOf } from './criterion-draft.ts';
import { segmentWords } from './segment-words.ts';

const all = (...drafts: Draft[]): GroupDraft => ({ kind: 'group', match: 'all', drafts });
const kindsOf = ({ drafts }: GroupDraft): string[] => drafts.map(({ kind }) => kind);

test('what a marketer chose is asked, and read back in words', () => {
  const lines = all(
    { ...freshDraft, event: 'Product Viewed', times: 3, days: 7 },
    { ...freshDraft, kind: 'didNot', days: 0 },
  );
  const is = criterionOf(lines, 'EUR');
  expect(is).toMatchObject({ kind: 'all', of: [{ times: { atLeast: 3 }, in: { lastDays: 7 } }, { kind: 'didNot' }] });
  expect(segmentWords(is, (id) => id)).toBe(
    'did “Product Viewed” at least 3 times in the last 7 days and did not do “Order Completed”',
  );
});

test('one condition stands for itself, but for none of one', () => {
  const rich = { ...freshDraft, kind: 'lifetimeValue' as const, amount: 250 };
  const is = { kind: 'lifetimeValue', currency: 'EUR', atLeast: 250 };
  expect(criterionOf(all(rich), 'EUR')).toEqual(is);
  expect(criterionOf({ ...all(rich), match: 'not' }, 'EUR')).toEqual({ kind: 'not', of: [is] });
});

test('every kind of line is one that the server takes, and comes back as the same line', () => {
  const inVip = { ...freshDraft, segment: 'vip' };
  const drafts: Draft[] = [
    { ...freshDraft, event: 'Product Viewed', times: 3, days: 14 },
    { ...freshDraft, bound: 'atMost', times: 0, where: [{ property: 'price', op: 'gt', value: 5 }] },
    { ...freshDraft, bound: 'exactly', times: 2, days: 0 },
    { ...freshDraft, kind: 'didNot', days: 0, where: [{ op: 'inSegment', segment: 'vip' }] },
    { ...inVip, kind: 'inSegment' },
    { ...inVip, kind: 'notInSegment' },
    { ...freshDraft, kind: 'seen', days: 7 },
    { ...freshDraft, kind: 'firstSeen', days: 7 },
    { ...freshDraft, kind: 'lifetimeValue', amount: 250 },
    { ...freshDraft, kind: 'rfm', rfmClass: 'lost' },
    { ...freshDraft, kind: 'trait' },
    { ...freshDraft, kind: 'trait', property: 'traits.plan', op: 'contains', value: 'pro' },
    { ...freshDraft, kind: 'trait', property: 'traits.age', op: 'gte', value: '18' },
    { ...freshDraft, kind: 'trait', property: 'traits.country', op: 'in', value: 'DE, AT' },
    { kind: 'group', match: 'not', drafts: [{ ...freshDraft }, { kind: 'group', match: 'any', drafts: [freshDraft] }] },
  ];
  const opened = groupOf(Criterion.parse(criterionOf({ ...all(...drafts), match: 'any' }, 'EUR')), 'EUR');
  expect(opened.match).toBe('any');
  expect(kindsOf(opened)).toEqual(drafts.map(({ kind }) => kind));
  expect(criterionOf(opened, 'EUR')).toEqual(criterionOf({ ...all(...drafts), match: 'any' }, 'EUR'));
});

test('what has no fields is kept as it is, wherever it stands', () => {
  for (const is of [
    { kind: 'did', event: 'A', times: { atLeast: 1, atMost: 3 } },
    { kind: 'did', event: 'A', sum: { property: 'price', atLeast: 5 } },
    { kind: 'seen', which: 'last', in: { from: '2026-01-01T00:00:00Z' } },
    { kind: 'lifetimeValue', currency: 'USD', atLeast: 5 },
    { kind: 'rfm', classes: ['lost', 'atRisk'] },
    { kind: 'is', where: [{ property: 'traits.vip', op: 'eq', value: true }] },
    { kind: 'is', where: ['a', 'b'].map((name) => ({ property: `traits.${name}`, op: 'exists' })) },
  ]) {
    const criterion = Criterion.parse(is);
    expect(kindsOf(groupOf(criterion, 'EUR'))).toEqual(['kept']);
    expect(criterionOf(groupOf(criterion, 'EUR'), 'EUR')).toEqual(criterion);
    const within = Criterion.parse({
      kind: 'any',
      of: [
        { kind: 'not', of: [is] },
        { kind: 'did', event: 'B' },
      ],
    });
    const changed = groupOf(within, 'EUR');
    const other = { ...changed, drafts: [...changed.drafts.slice(0, 1), freshDraft] };
    expect(criterionOf(other, 'EUR')).toMatchObject({
      of: [{ kind: 'not', of: [criterion] }, { event: 'Order Completed' }],
    });
  }
});
