import { z } from 'zod';
import { PropertyPath } from './filters.ts';

const Hour = z.number().int().min(0).max(23);

/** What protects the people of a site, whatever an automation says. */
export const ContactRules = z.object({
  /** The switch that stops everything: nothing is planned, and what was planned waits. */
  paused: z.boolean().default(false),
  /** Marketing mails go only to those of whom this trait says true, yes or 1, e.g. `traits.marketing_consent`. Null: to all who have not unsubscribed. */
  consentTrait: PropertyPath.refine((path) => path.startsWith('traits.'), 'a property "traits.…"')
    .nullable()
    .default(null),
  /** No marketing mails from this hour up to that one, by the clock of the person (the site's where it is not known). */
  quietHours: z
    .object({ from: Hour, to: Hour })
    .refine(({ from, to }) => from !== to, 'from and to must differ')
    .nullable()
    .default(null),
  /** Marketing mails of all automations together that a person gets within a time, at most. */
  cap: z
    .object({
      mails: z.number().int().min(1).max(1000),
      seconds: z
        .number()
        .int()
        .min(60)
        .max(366 * 86_400),
    })
    .nullable()
    .default(null),
  /** Whether mails hold a picture that tells when they are opened. Off: it looks at what people read at home, and many programs open mails by themselves. */
  openPixel: z.boolean().default(false),
  /** To one mail domain (gmail.com …) a minute, for each process that sends. */
  mailsPerDomainMinute: z.number().int().min(1).max(100_000).nullable().default(null),
});
export type ContactRules = z.infer<typeof ContactRules>;
export const noContactRules: ContactRules = ContactRules.parse({});
