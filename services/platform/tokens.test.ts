import { expect, test } from 'vitest';
import { createTokens } from './tokens.ts';

const clock = { now: () => 1_000_000, sleep: async () => undefined };
const tokens = createTokens('a secret key of thirty-two letters!', clock);

test('a token says what was signed', () => {
  expect(tokens.verify('click', tokens.sign('click', { to: 'https://shop.example/é' }))).toEqual({
    to: 'https://shop.example/é',
  });
});

test('altered, of another purpose, of another key, cut, or over: nothing', () => {
  const token = tokens.sign('unsubscribe', { address: 'ada@example.com' }, 60);
  const [body = '', mac = ''] = token.split('.');
  const other = Buffer.from(JSON.stringify({ address: 'bob@example.com' })).toString('base64url');
  expect(tokens.verify('unsubscribe', token)).toEqual({ address: 'ada@example.com' });
  for (const bad of [`${other}.${mac}`, `${body}.${mac.slice(1)}A`, body, `${body}.`, '', '.', `${token}.x`, mac])
    expect(tokens.verify('unsubscribe', bad)).toBeNull();
  expect(tokens.verify('click', token)).toBeNull();
  expect(createTokens('another secret key of many letters', clock).verify('unsubscribe', token)).toBeNull();
  const later = createTokens('a secret key of thirty-two letters!', { ...clock, now: () => 1_000_000 + 61_000 });
  expect(later.verify('unsubscribe', token)).toBeNull();
});
