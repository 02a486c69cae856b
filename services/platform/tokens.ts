import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from './clock.ts';

/** What a token is good for: one made for one purpose is worth nothing for another. */
export type TokenPurpose = 'session' | 'sign-in' | 'unsubscribe' | 'click' | 'open' | 'discount' | 'webhook';

export type Tokens = {
  /** `base64url(JSON).base64url(MAC)`; without `validSeconds` it never expires. The content can be read by whoever has it. */
  sign(purpose: TokenPurpose, content: Readonly<Record<string, unknown>>, validSeconds?: number): string;
  /** The content, or null where it is altered, of another purpose, or over. */
  verify(purpose: TokenPurpose, token: string): Readonly<Record<string, unknown>> | null;
  /** A keyed digest: the same text gives the same bytes, and nobody without the key can make them. */
  mac(purpose: TokenPurpose, text: string): Buffer;
};

/** 128 bits: far beyond guessing, and links stay short. */
const macBytes = 16;
const longestToken = 4000;

const Content = z.record(z.string(), z.unknown());

/** Tokens by HMAC-SHA256, each purpose with a key of its own (HKDF, RFC 5869). */
export const createTokens = (secretKey: string, clock: Clock): Tokens => {
  const keys = new Map<TokenPurpose, KeyObject>();
  const keyOf = (purpose: TokenPurpose): KeyObject => {
    const known = keys.get(purpose);
    if (known !== undefined) return known;
    // Made ready once: as bytes it would be made ready for each link of each mail.
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', secretKey, 'desirepath', purpose, 32)));
    keys.set(purpose, key);
    return key;
  };
  const mac = (purpose: TokenPurpose, text: string): Buffer =>
    createHmac('sha256', keyOf(purpose)).update(text).digest();

  return {
    mac,
    sign: (purpose, content, validSeconds) => {
      const until = validSeconds === undefined ? {} : { exp: Math.floor(clock.now() / 1000) + validSeconds };
      const body = Buffer.from(JSON.stringify({ ...content, ...until })).toString('base64url');
      return `${body}.${mac(purpose, body).subarray(0, macBytes).toString('base64url')}`;
    },
    verify: (purpose, token) => {
      const [body = '', given = '', ...more] = token.slice(0, longestToken).split('.');
      const signature = Buffer.from(given, 'base64url');
      const expected = mac(purpose, body).subarray(0, macBytes);
      if (more.length > 0 || signature.length !== macBytes || !timingSafeEqual(signature, expected)) return null;
      const content = Content.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
      const { exp, ...rest } = content;
      return typeof exp === 'number' && exp < clock.now() / 1000 ? null : rest;
    },
  };
};
