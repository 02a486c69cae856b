import { z } from 'zod';
import { Currency, SiteId } from './primitives.ts';

const TimeZone = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}, 'an IANA time zone, e.g. Europe/Berlin');

/** Scheme, host and port of a page, as browsers send it: `https://shop.example`. */
const Origin = z.string().regex(/^https?:\/\/[^/\s]+$/, 'an origin, e.g. https://shop.example');

const name = z.string().min(1).max(100);
const holdoutPercent = z
  .number()
  .min(0)
  .max(90)
  .describe(
    'So many of a hundred persons get no marketing of any automation: what all of it adds is measured against these',
  );
const allowedOrigins = z.array(Origin).max(50).describe('Empty: events are taken from every origin');

export const NewSite = z.object({
  id: SiteId,
  name,
  currency: Currency.default('EUR'),
  timeZone: TimeZone.default('UTC'),
  holdoutPercent: holdoutPercent.default(0),
  allowedOrigins: allowedOrigins.default([]),
});

/** What of a site can be changed; what is left out stays as it is. What is counted in its currency stays comparable: that is for good, like its id. */
export const SiteChange = z.strictObject({ name, timeZone: TimeZone, holdoutPercent, allowedOrigins }).partial();
export type SiteChange = z.infer<typeof SiteChange>;

/** The document kept for a site. Secret keys are kept as SHA-256 only; the key itself is shown once. */
export const Site = NewSite.extend({
  writeKeys: z.array(z.string().min(1).max(100)),
  secretKeyHashes: z.array(z.string()),
});
export type Site = z.infer<typeof Site>;

/** What the API shows. `secretKeys` holds the keys only in the answer that made them. */
export const SiteAnswer = Site.omit({ secretKeyHashes: true }).extend({
  version: z.number().int(),
  secretKeys: z.array(z.string()),
});
export type SiteAnswer = z.infer<typeof SiteAnswer>;
