import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActingStep, Step } from '../../../schemas/automation.ts';
import type { Criterion } from '../../../schemas/segment.ts';
import { longestWait, type Past, placeIn } from './walk.ts';

const start = Date.parse('2026-10-01T00:00:00Z');
const minute = 60_000;
const day = 1440 * minute;

const webhook = (id: string): ActingStep => ({ id, kind: 'webhook', url: 'https://a.example/' });
const wait = (minutes: number): Step => ({ kind: 'wait', seconds: minutes * 60 });
const whoSegment = (segment: string): Criterion => ({ kind: 'inSegment', segment });

const leaf = fc.oneof(fc.integer({ min: 1, max: 3000 }).map(wait), fc.constant(webhook('to be numbered')));
const branch = fc.record({
  kind: fc.constant('branch' as const),
  if: fc.constantFrom(whoSegment('a'), whoSegment('b')),
  yes: fc.array(leaf, { maxLength: 3 }),
  no: fc.array(leaf, { maxLength: 3 }),
});
/** Each step that does something gets an id of its own, in the order in which they are written. */
const numbered = (steps: readonly Step[], next = { id: 1 }): Step[] =>
  steps.map((step) => {
    if (step.kind === 'branch') return { ...step, yes: numbered(step.yes, next), no: numbered(step.no, next) };
    return step.kind === 'wait' ? step : { ...step, id: `s${next.id++}` };
  });
const anySteps = fc.array(fc.oneof(leaf, branch), { minLength: 1, maxLength: 5 }).map((steps) => numbered(steps));

/** Straight from the definition: the way is chosen, then each step comes at the first look after its wait. */
const expected = (steps: readonly Step[], segments: ReadonlySet<string>, looks: readonly number[]) => {
  const onTheWay = (list: readonly Step[]): Step[] =>
    list.flatMap((step) => {
      if (step.kind !== 'branch') return [step];
      const isYes = step.if.kind === 'inSegment' && segments.has(step.if.segment);
      return onTheWay(isYes ? step.yes : step.no);
    });
  const done: { id: string; at: number }[] = [];
  let from = start;
  for (const step of onTheWay(steps)) {
    if (step.kind === 'wait') from += step.seconds * 1000;
    else if (step.kind !== 'branch') {
      const at = looks.find((look) => look >= from && look > (done.at(-1)?.at ?? 0));
      if (at === undefined) return done;
      done.push({ id: step.id, at });
      from = at;
    }
  }
  return done;
};

test('looked at again and again, each step on the way is done once, in order, and not before its wait is over', () => {
  fc.assert(
    fc.property(
      anySteps,
      fc.subarray(['a', 'b']),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 60 }),
      (steps, segments, gaps) => {
        const isIn = new Set(segments);
        const looks: number[] = [];
        for (const gap of gaps) looks.push((looks.at(-1) ?? start) + gap * minute);
        const ledger = new Map<string, Past>();
        const done: { id: string; at: number }[] = [];
        for (const now of looks) {
          const place = placeIn({
            steps,
            at: start,
            now,
            maxAgeMilliseconds: day,
            past: ({ id }) => ledger.get(id),
            isIn: (criterion) => criterion.kind === 'inSegment' && isIn.has(criterion.segment),
          });
          if (place.kind !== 'due') continue;
          expect(ledger.has(place.step.id)).toBe(false);
          ledger.set(place.step.id, { at: now, isOver: true });
          done.push({ id: place.step.id, at: now });
        }
        expect(done).toEqual(expected(steps, isIn, looks));
      },
    ),
    { numRuns: 2000 },
  );
});

test('the longest wait is that of the longest way, and nothing is still to come after it', () => {
  const steps: Step[] = [
    wait(10),
    { kind: 'branch', if: whoSegment('a'), yes: [wait(5), webhook('x')], no: [wait(20), webhook('y')] },
    wait(1),
    webhook('z'),
  ];
  expect(longestWait(steps)).toBe(31 * 60);
});

const at = (past: Readonly<Record<string, Past>>, minutes: number, isIn = false) => {
  const steps: Step[] = [
    webhook('first'),
    wait(60),
    { kind: 'branch', if: whoSegment('a'), yes: [webhook('yes')], no: [webhook('no')] },
    webhook('last'),
  ];
  const now = start + minutes * minute;
  const place = placeIn({
    steps,
    at: start,
    now,
    maxAgeMilliseconds: day,
    past: ({ id }) => past[id],
    isIn: () => isIn,
  });
  return `${place.kind} ${place.step?.id ?? '-'}`;
};
const done = (minutes: number): Past => ({ at: start + minutes * minute, isOver: true });

test('waits count from the step before having been done, however late it was', () => {
  expect(at({}, 0)).toBe('due first');
  expect(at({}, 1440)).toBe('due first');
  expect(at({}, 1441)).toBe('late first');
  expect(at({ first: { at: start, isOver: false } }, 300), 'it lies with a mail server that is away').toBe(
    'under-way first',
  );
  expect(at({ first: done(400) }, 430)).toBe('later no');
  expect(at({ first: done(400) }, 460)).toBe('due no');
});

test('what was too late when it could have gone ends the way, as what is too late to be planned does', () => {
  const unsent = (minutes: number): Past => ({ ...done(minutes), isUnsent: true });
  expect(at({ first: unsent(1440) }, 1500)).toBe('due no');
  expect(at({ first: unsent(1441) }, 1501)).toBe('late first');
  expect(at({ first: done(1441) }, 1501), 'it did go').toBe('due no');
});

test('a branch is decided when it is reached, and for good once something was done on it', () => {
  expect(at({ first: done(0) }, 60, true)).toBe('due yes');
  expect(at({ first: done(0), no: done(61) }, 62, true), 'is in the segment by now, but went the other way').toBe(
    'due last',
  );
  expect(at({ first: done(0), yes: done(61) }, 62, false)).toBe('due last');
  expect(at({ first: done(0), no: done(61), last: done(62) }, 63)).toBe('done last');
});

test('what is put before something that was done is passed over, on a way and around it', () => {
  const past: Readonly<Record<string, Past>> = { reminder: done(0) };
  const where = (steps: Step[], minutes: number, more: Readonly<Record<string, Past>> = {}) => {
    const walk = { steps, at: start, now: start + minutes * minute, maxAgeMilliseconds: 2 * day, isIn: () => true };
    const place = placeIn({ ...walk, past: ({ id }) => ({ ...past, ...more })[id] });
    return `${place.kind} ${place.step?.id ?? '-'}`;
  };
  const fork: Step = { kind: 'branch', if: whoSegment('a'), yes: [webhook('yes'), webhook('also')], no: [] };
  const rest = [webhook('reminder'), wait(60), webhook('discount')];
  expect(where([webhook('new'), ...rest], 30)).toBe('later discount');
  expect(where([webhook('new'), ...rest], 60)).toBe('due discount');
  expect(where([webhook('new'), ...rest], 2900), 'it is not late for what it need not do').toBe('due discount');
  expect(where([fork, wait(9000), ...rest], 60)).toBe('due discount');
  expect(where([webhook('reminder'), fork, webhook('last')], 61, { also: done(60) })).toBe('due last');
  expect(where([fork, ...rest], 60, { yes: done(1) })).toBe('due discount');
});
