import { expect, test } from 'vitest';
import { reasonWords } from '../../dashboards/src/automation-words.ts';
import { readyMadeLines } from '../../dashboards/src/ready-made.ts';
import { readyMadeAutomations } from '../../services/automations/ready-made.ts';
import type { HeldReason } from '../../services/questions/due/eligibility.ts';

test('every ready-made automation is described in a line', () => {
  expect(Object.keys(readyMadeLines).toSorted()).toEqual([...readyMadeAutomations.keys()].toSorted());
});

/** The compiler knows them all. */
const heldReasons: Record<HeldReason, true> = {
  paused: true,
  'empty-basket': true,
  'not-in': true,
  'no-account': true,
  'no-email': true,
  suppressed: true,
  'no-consent': true,
  ended: true,
  'already-planned': true,
  later: true,
  'too-late': true,
  'written-recently': true,
  'told-by-another': true,
  capped: true,
  'quiet-hours': true,
  'after-another': true,
  holdout: true,
};

test('every rule that holds somebody back is told in words of its own', () => {
  for (const reason of Object.keys(heldReasons)) expect(reasonWords(reason)).not.toBe(reason.replaceAll('-', ' '));
});
