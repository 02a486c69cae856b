import { expect, test } from 'vitest';
import type { LeftBasket } from '../../schemas/action.ts';
import { eligibility, type Facts } from '../questions/due/eligibility.ts';
import { actionId, base32 } from './action-id.ts';
import { afterCrash } from './ledger.ts';
import { basketRescue } from './ready-made.ts';
import { renderMail, variablesOf } from './templates/render.ts';

const [rescueStep] = basketRescue.steps;
const rescueMail = rescueStep?.kind === 'email' ? rescueStep.email : expect.fail('it begins with a mail');

const item = {
  productId: 'p',
  name: 'Tent "A" & <b>',
  quantity: 1,
  price: '9.90',
  imageUrl: 'data:image/png;base64,xx',
  url: 'https://shop.example/?a=1&b="2"',
};
const basket: LeftBasket = {
  of: 'cart',
  cartId: 'c',
  items: [item],
  removed: [],
  value: '9.90',
  currency: 'EUR',
  lastActivity: '2026-11-01T00:00:00.000Z',
};
const links = {
  button: 'https://x.example/c/1',
  unsubscribe: 'https://x.example/u/1',
  item: (url: string) => url,
  pixel: null,
};
const shop = { name: "Ada's", timeZone: 'Europe/Berlin' };
const variables = variablesOf({ basket, event: null }, { firstName: '{{ shop.name }}', email: 'a@b.c' }, shop, null);

test('an action is the same for the same parts and another for any other', () => {
  const parts = { site: 's', automation: 'a', userId: 'u', occasion: 'o', stepId: '1' };
  const ids = [
    parts,
    { ...parts, site: 't' },
    { ...parts, userId: 'u2' },
    { ...parts, occasion: 'p' },
    { ...parts, stepId: 'reminder' },
    { ...parts, automation: 'b' },
  ].map(actionId);
  expect(new Set(ids).size).toBe(6);
  expect(actionId({ ...parts })).toBe(ids[0]);
  expect(ids[0]).toMatch(/^[0-9a-z]{26}$/);
  expect(base32(Buffer.from('hello'))).toBe('D1JPRV3F');
});

test('after a crash only what is known not to have gone out is done again', () => {
  expect([null, 'requested', 'claimed'].map((phase) => afterCrash(phase as null, false))).toEqual([
    'perform',
    'perform',
    'perform',
  ]);
  expect(afterCrash('handing-over', false)).toBe('mark-uncertain');
  expect(afterCrash('handing-over', true), 'the outbox can be looked into').toBe('perform');
  expect(afterCrash('sent', false)).toBe('report-sent');
  for (const phase of ['held', 'failed', 'uncertain', 'skipped'] as const)
    expect(afterCrash(phase, true)).toBe('leave');
  expect(afterCrash('unknown', true), 'of a newer version').toBe('leave');
});

test('the first rule that speaks against a message is named', () => {
  const none: Facts = {
    isPaused: false,
    isEmpty: false,
    isIn: true,
    hasAccount: true,
    isMail: true,
    hasEmail: true,
    isSuppressed: false,
    hasConsent: true,
    isEnded: false,
    place: 'due',
    isWrittenRecently: false,
    isToldByAnother: false,
    isCapped: false,
    isQuiet: false,
    isHeldOut: false,
  };
  const reason = (facts: Partial<Facts>) => {
    const verdict = eligibility({ ...none, ...facts });
    return verdict.kind === 'due' ? 'due' : verdict.reason;
  };
  expect(reason({})).toBe('due');
  const rules: [Partial<Facts>, string][] = [
    [{ isEmpty: true }, 'empty-basket'],
    [{ hasAccount: false }, 'no-account'],
    [{ isIn: false }, 'not-in'],
    [{ hasEmail: false }, 'no-email'],
    [{ isSuppressed: true }, 'suppressed'],
    [{ hasConsent: false }, 'no-consent'],
    [{ place: 'under-way' }, 'already-planned'],
    [{ isEnded: true }, 'ended'],
    [{ place: 'late' }, 'too-late'],
    [{ place: 'later' }, 'later'],
    [{ isWrittenRecently: true }, 'written-recently'],
    [{ isToldByAnother: true }, 'told-by-another'],
    [{ isPaused: true }, 'paused'],
    [{ isCapped: true }, 'capped'],
    [{ isQuiet: true }, 'quiet-hours'],
    [{ isHeldOut: true }, 'holdout'],
  ];
  for (const [index, [facts, expected]] of rules.entries()) {
    const andAllAfter = Object.assign({}, ...rules.slice(index + 1).map(([more]) => more), facts);
    expect(reason(andAllAfter)).toBe(expected);
  }
  const told = {
    isMail: false,
    hasEmail: false,
    isSuppressed: true,
    hasConsent: false,
    isToldByAnother: true,
    isCapped: true,
    isQuiet: true,
  };
  expect(reason(told), 'a webhook writes to nobody').toBe('due');
});

test('what strangers wrote is harmless in the mail, and no template within a value runs', () => {
  const { html, text, subject } = renderMail(rescueMail, { basket }, variables, links);
  expect(html).toContain('Tent &quot;A&quot; &amp; &lt;b&gt;');
  expect(html).not.toContain('data:image');
  expect(html).toContain('a=1&amp;b=%222%22');
  expect(subject).toBe('{{ shop.name }}, your basket is still here');
  expect(text).toContain('Tent "A" & <b>');
});

test('each price is in its own currency, and where none is said in that of the basket', () => {
  const items = [
    { ...item, price: '10.00', currency: 'USD' },
    { ...item, price: '20.00', currency: '' },
    { ...item, price: '30.00' },
  ];
  const mixed: LeftBasket = { ...basket, items, currency: 'EUR' };
  const shown = variablesOf({ basket: mixed, event: null }, variables.person, shop, null);
  expect(shown.basket?.items.map(({ price }) => price)).toEqual(['$10.00', '€20.00', '€30.00']);
  const { html, text } = renderMail(rescueMail, { basket: mixed }, variables, links);
  for (const price of ['$10.00', '€20.00', '€30.00']) {
    expect(html).toContain(price);
    expect(text).toContain(price);
  }
});

test('a code is said to be good up to the minute in which it ends, by the clock of the shop', () => {
  const code = {
    kind: 'percent' as const,
    percent: 10,
    amount: null,
    minimumOrder: null,
    code: 'SAVE-1',
    expiresAt: '2026-06-30T22:30:00.000Z',
  };
  const texts = ['Europe/Berlin', 'America/New_York', 'UTC'].map((timeZone) => {
    const said = variablesOf({ basket, event: null }, variables.person, { ...shop, timeZone }, code);
    const body = 'Until {{ discount.until }}.';
    return renderMail({ ...rescueMail, body }, { basket }, said, links).text.match(/[uU]ntil .*/g);
  });
  const twice = (moment: string) => [`Until ${moment}.`, `until ${moment}.`];
  expect(texts).toEqual([
    twice('1 July 2026, 00:30 CEST'),
    twice('30 June 2026, 18:30 GMT-4'),
    twice('30 June 2026, 22:30 UTC'),
  ]);
});

test.each([
  ['an unknown filter', '{{ shop.name | nonsense }}', 'undefined filter'],
  ['an open tag', 'Hello {% if', 'line:1'],
  ['a file', "{% include '/etc/passwd' %}", 'body'],
  ['an endless loop', '{% for x in (1..100000000) %}{% for y in (1..100000000) %}x{% endfor %}{% endfor %}', 'body'],
  ['the prototype', '{{ shop.constructor.name }}{{ shop.__proto__ }}x', ''],
])('%s in a template', (_name, body, expected) => {
  const render = () => renderMail({ ...rescueMail, body }, { basket }, variables, links);
  if (expected === '') expect(render().text).toContain('\n\nx\n\n');
  else expect(render).toThrow(expected);
});
