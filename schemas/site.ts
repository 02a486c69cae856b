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

export const NewSite = z.object({
  id: SiteId,
  name: z.string().min(1).max(100),
  currency: Currency.default('EUR'),
  timeZone: TimeZone.default('UTC'),
  holdoutPercent: z
    .number()
    .min(0)
    .max(90)
    .default(0)
    .describe(
      'So many of a hundred persons get no marketing of any automation: what all of it adds is measured against these',
    ),
  allowedOrigins: z.array(Origin).max(50).default([]).describe('Empty: events are taken from every origin'),
});

/** The document kept for a site. Secret keys are kept as SHA-256 only; the key itself is shown once. */
export const Site = NewSite.extend({
  writeKeys: z.array(z.string().min(1).max(100)),
  secretKeyHashes: z.array(z.string()),
});
export type Site = z.infer<typeof Site>;

/** What the API shows. `secretKeys` holds the keys only in the answer that made them. */
export const SiteAnswer = Site.omit({ secretKeyHashes: true }).extend({ secretKeys: z.array(z.string()) });
export type SiteAnswer = z.infer<typeof SiteAnswer>;
