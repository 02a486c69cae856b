import { expect, test } from 'vitest';
import { isHeldOut } from './holdout.ts';

const people = Array.from({ length: 5000 }, (_, index) => `user-${index}`);
const held = (
  own: number,
  whole: number,
  automation = 'a',
  site = 's',
  purpose: 'marketing' | 'service' = 'marketing',
): string[] =>
  people.filter((user) =>
    isHeldOut({ id: site, holdoutPercent: whole }, { id: automation, holdoutPercent: own, purpose }, user),
  );

test('as many are held out as was said, the same ones every time, and those of a smaller share are among those of a larger', () => {
  const ten = held(10, 0);
  // Six standard deviations of 5,000 throws.
  expect(Math.abs(ten.length - 500)).toBeLessThan(130);
  expect(held(10, 0)).toEqual(ten);
  const twenty = new Set(held(20, 0));
  expect(ten.every((user) => twenty.has(user))).toBe(true);
  expect([held(0, 0), held(0, 0, 'b')]).toEqual([[], []]);
});

test('each automation and each site holds out others; who is held out of a whole site is so in every automation', () => {
  const ten = new Set(held(10, 0));
  const both = held(10, 0, 'b').filter((user) => ten.has(user));
  expect(both.length, 'a tenth of a tenth, by chance').toBeLessThan(100);
  expect(held(10, 0, 'a', 't')).not.toEqual([...ten]);
  const whole = held(0, 5);
  expect(held(0, 5, 'b')).toEqual(whole);
  expect(held(10, 5, 'a', 's', 'service'), 'what people must know only the automation’s own holds back').toEqual(
    held(10, 0),
  );
  const more = new Set(held(10, 5));
  expect(whole.every((user) => more.has(user))).toBe(true);
});
