import { expect, test } from 'vitest';
import { Automation, type Step } from '../../schemas/automation.ts';
import { fileNameOf, readAutomationFile } from './automation-file.ts';
import { freshId, idsOf, newStep } from './automation-steps.ts';
import { automationWords, reasonWords, stepsWords, withoutLiquid } from './automation-words.ts';
import { readCriterion } from './criterion-json.ts';
import { faultWords } from './fault-words.ts';

test('a new step takes the first id that no other step has, on branches neither', () => {
  const steps: Step[] = [
    newStep('email', []),
    { kind: 'branch', if: { kind: 'inSegment', segment: 'vip' }, yes: [newStep('email', ['email-1'])], no: [] },
  ];
  expect(idsOf(steps)).toEqual(['email-1', 'email-2']);
  expect(freshId('email', idsOf(steps))).toBe('email-3');
  expect(freshId('webhook', idsOf(steps))).toBe('webhook-1');
  expect(stepsWords([...steps, newStep('webhook', []), newStep('wait', [])])).toBe('2 emails and 1 webhook');
});

test('a subject is read as it is where nothing is known of the person', () => {
  expect(
    withoutLiquid(
      '{% if person.firstName %}{{ person.firstName }}, your{% else %}Your{% endif %} basket is still here',
    ),
  ).toBe('Your basket is still here');
  expect(withoutLiquid('Your order{% if event.order_id %} {{ event.order_id }}{% endif %} will be late')).toBe(
    'Your order will be late',
  );
  expect(withoutLiquid('{{ discount.percent }} % off')).toBe('… % off');
});

test('a condition that was typed is read, or what is wrong with it is said', () => {
  const didNothing = { kind: 'didNot', event: 'Order Completed' };
  expect(readCriterion(JSON.stringify({ kind: 'all', of: [didNothing] }))).toEqual({
    criterion: { kind: 'all', of: [{ ...didNothing, where: [] }] },
  });
  for (const text of ['{"kind":"all"}', '{"kind":"rfm","classes":["rich"]}', '[]', '{"kind":"did"}'])
    expect(readCriterion(text)).toHaveProperty('fault');
  expect(readCriterion('{')).toEqual({ fault: 'This is not JSON yet' });
});

test('a file comes in switched off, and says what is wrong with it', async () => {
  const file = (text: string) => ({ size: text.length, text: async () => text });
  expect(await readAutomationFile(file('{"name":"Late","enabled":true}'))).toEqual({ name: 'Late', enabled: false });
  await expect(readAutomationFile(file('name: Late'))).rejects.toThrow('not JSON');
  await expect(readAutomationFile(file('[]'))).rejects.toThrow('no automation');
  await expect(readAutomationFile({ ...file('{}'), size: 2_000_000 })).rejects.toThrow('too large');
  expect(fileNameOf('You took this out!')).toBe('you-took-this-out.json');
});

test('what the server refuses is said as one would say it', () => {
  expect(faultWords('Too small: expected string to have >=1 characters')).toBe('must not be empty');
  expect(faultWords('Too big: expected number to be <=90')).toBe('must be at most 90');
  expect(faultWords('each has an id of its own')).toBe('each has an id of its own');
});

test('why somebody gets nothing is told in words', () => {
  expect(reasonWords('no-consent')).toBe('have not agreed to marketing mails');
  expect(reasonWords('of-a-newer-server')).toBe('of a newer server');
});

test('an automation is called by its subject where it sends one mail, however it comes to it', () => {
  const email = { subject: 'Hello', heading: 'H', body: 'B', button: 'Go', buttonUrl: 'https://shop.example/' };
  const ask = { kind: 'branch', if: { kind: 'did', event: 'Order Completed' } };
  const told = (steps: object[]): string =>
    automationWords(Automation.parse({ name: 'A', trigger: { kind: 'event', event: 'Signed Up' }, steps }));
  const [one, other] = ['a', 'b'].map((id) => ({ id, kind: 'email', email }));
  expect(told([{ ...ask, yes: [one] }])).toBe('After “Signed Up”: 1 email “Hello”');
  expect(told([{ ...ask, yes: [one], no: [other] }])).toBe('After “Signed Up”: 2 emails');
});
