import { createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createConfig, readEnvironment } from '../config.ts';
import type { DkimKey } from './dkim.ts';
import type { Mail } from './mailer.ts';
import { composeMime } from './mime.ts';

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const key: DkimKey = { domain: 'shop.example', selector: 'mail2026', privateKey: pair.privateKey };
const mail: Mail = {
  id: 'action-1',
  site: 'shop',
  from: { name: 'Wren & Sons', address: 'hello@shop.example' },
  to: { name: 'Ada Łovelace', address: 'ada@example.com' },
  subject: 'Your basket – still here, with quite a lot of words in its subject so that it is folded 🧺',
  html: `<p>Hello</p>${'<p>A line  with   spaces \t</p>\n'.repeat(50)}\n\n\n`,
  text: '.\n..\nHello  \n\n\n',
  headers: { 'List-Unsubscribe': '<https://shop.example/u/1>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
};

/** RFC 6376, 3.4.2 and 3.4.4, written from the RFC and not from the library that signs. */
const relaxedHeader = (field: string): string => {
  const at = field.indexOf(':');
  const value = field
    .slice(at + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${field.slice(0, at).trim().toLowerCase()}:${value}`;
};
const relaxedBody = (body: string): string => {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  const text = lines.join('\r\n').replace(/(\r\n)+$/, '');
  return text === '' ? '' : `${text}\r\n`;
};

/** What a receiver finds: does the body's hash agree, does the signature, and of which headers. */
const verify = (message: string, publicKey: string) => {
  const end = message.indexOf('\r\n\r\n');
  const fields = message.slice(0, end).split(/\r\n(?![ \t])/);
  const signature = fields.find((field) => /^dkim-signature:/i.test(field)) ?? '';
  const tags = new Map(
    signature
      .slice(signature.indexOf(':') + 1)
      .split(';')
      .map((tag): [string, string] => [
        tag.split('=')[0]?.trim() ?? '',
        tag.slice(tag.indexOf('=') + 1).replace(/\s/g, ''),
      ]),
  );
  const names = (tags.get('h') ?? '').toLowerCase().split(':');
  const left = fields.filter((field) => field !== signature);
  // Of a header that stands there twice the last counts first.
  const signed = names.flatMap((name) => {
    const at = left.findLastIndex((field) => field.slice(0, field.indexOf(':')).toLowerCase() === name);
    return at === -1 ? [] : left.splice(at, 1).map(relaxedHeader);
  });
  const own = relaxedHeader(signature).replace(/([;: ]b=)[^;]*/, '$1');
  const text = [...signed, own].join('\r\n');
  const bodyHash = createHash('sha256')
    .update(relaxedBody(message.slice(end + 4)), 'latin1')
    .digest('base64');
  return {
    tags,
    names,
    isBodyRight: bodyHash === tags.get('bh'),
    isRight: createVerify('RSA-SHA256')
      .update(text, 'latin1')
      .verify(publicKey, tags.get('b') ?? '', 'base64'),
  };
};

test('a mail is signed so that a receiver finds it as it was written, by whom it says', async () => {
  const message = (await composeMime(mail, new Date(0), key)).toString('latin1');
  const found = verify(message, pair.publicKey);
  expect(found).toMatchObject({ isBodyRight: true, isRight: true });
  expect([found.tags.get('d'), found.tags.get('s'), found.tags.get('a')]).toEqual([
    key.domain,
    key.selector,
    'rsa-sha256',
  ]);
  expect(found.names).toEqual(
    expect.arrayContaining(['from', 'to', 'subject', 'list-unsubscribe', 'list-unsubscribe-post']),
  );

  expect(verify(message.replace('Hello', 'Jello'), pair.publicKey).isBodyRight, 'another body').toBe(false);
  expect(verify(message.replace('hello@shop', 'jello@shop'), pair.publicKey).isRight, 'another sender').toBe(false);
  const other = message.replace('One-Click', 'Two-Click');
  expect(verify(other, pair.publicKey).isRight, 'another way to unsubscribe').toBe(false);
});

test('without a key nothing is signed', async () => {
  expect((await composeMime(mail, new Date(0), null)).toString()).not.toMatch(/dkim/i);
});

test('a key that cannot sign is told when the product starts, and not shown', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'desirepath-dkim-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const read = (variables: Record<string, string>) =>
    createConfig(readEnvironment({ DATA_DIR: dataDir, DKIM_DOMAIN: key.domain, ...variables })).dkim;
  const file = join(dataDir, 'dkim.pem');
  writeFileSync(file, key.privateKey);
  const named = { DKIM_SELECTOR: key.selector };
  expect(read({ ...named, DKIM_PRIVATE_KEY_FILE: file })).toEqual(key);
  expect(read({ ...named, DKIM_PRIVATE_KEY: key.privateKey.replaceAll('\n', '\\n') })).toEqual(key);
  expect(() => read({})).toThrow(/go together/);
  expect(() => read({ ...named, DKIM_PRIVATE_KEY: 'x', DKIM_PRIVATE_KEY_FILE: file })).toThrow(/either/);
  expect(() => read({ ...named, DKIM_PRIVATE_KEY_FILE: `${file}.gone` })).toThrow(/there is no file/);
  expect(() => read({ ...named, DKIM_PRIVATE_KEY: 'my secret' })).toThrow(
    /^DKIM_PRIVATE_KEY holds no private RSA key[^:]*$/,
  );
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(() => read({ ...named, DKIM_PRIVATE_KEY: pem })).toThrow(/RSA/);
});
