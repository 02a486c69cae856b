import { createHash } from 'node:crypto';

/** What makes an action the one it is. The same parts always give the same action, so planning again plans nothing new. */
export type ActionParts = { site: string; automation: string; userId: string; occasion: string; stepId: string };

/** 26 letters and digits (130 bits of SHA-256 in base 32): fits a file name, a Message-ID and a link. */
export const actionId = ({ site, automation, userId, occasion, stepId }: ActionParts): string => {
  // Once steps had numbers: what was planned by them stays planned.
  const step = /^\d{1,9}$/.test(stepId) ? Number(stepId) : stepId;
  const digest = createHash('sha256')
    .update(JSON.stringify([site, automation, userId, occasion, step]))
    .digest();
  return base32(digest).slice(0, 26).toLowerCase();
};

export const isActionId = (text: string): boolean => /^[0-9a-hjkmnp-tv-z]{26}$/.test(text);

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Crockford's base 32: no I, L, O, U, so nothing is misread. */
export const base32 = (bytes: Uint8Array): string => {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >>> bits) & 31];
    }
    value &= 0xff;
  }
  return text;
};
