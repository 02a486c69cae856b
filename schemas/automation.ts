import { z } from 'zod';

/** A discount in a mail: a personal, single-use code signed by us. */
export const Discount = z.object({
  percent: z.number().int().min(1).max(100),
  validSeconds: z
    .number()
    .int()
    .min(60)
    .max(366 * 86_400)
    .default(7 * 86_400),
});
export type Discount = z.infer<typeof Discount>;

/** Liquid templates; the variables are listed in docs/templates.md. */
export const EmailTemplate = z.object({
  subject: z.string().min(1).max(300),
  preheader: z.string().max(300).default(''),
  heading: z.string().min(1).max(300),
  body: z.string().max(20_000).describe('Liquid; paragraphs are separated by an empty line'),
  button: z.string().min(1).max(100),
  /** Where the button leads: the shop's basket page. */
  buttonUrl: z.url({ protocol: /^https?$/ }),
});
export type EmailTemplate = z.infer<typeof EmailTemplate>;

/** What an automation is: when it is due, to whom, and what is done. */
export const Automation = z.object({
  name: z.string().min(1).max(100),
  enabled: z.boolean().default(false),
  trigger: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('abandoned-basket'),
      /** Seconds the basket must lie idle. */
      idleSeconds: z
        .number()
        .int()
        .min(10)
        .max(366 * 86_400)
        .default(3600),
      /** Baskets idle for longer are too old to be written about. */
      maxAgeSeconds: z
        .number()
        .int()
        .min(60)
        .max(366 * 86_400)
        .default(3 * 86_400),
    }),
  ]),
  from: z.object({ name: z.string().min(1).max(100), address: z.email() }).optional(),
  /** Of the persons who are due, so many of a hundred get no mail: what mails add is measured against them. Fixed for each person. */
  holdoutPercent: z.number().min(0).max(90).default(0),
  email: EmailTemplate,
  discount: Discount.optional(),
  /** Seconds before the same person may get a mail of this automation again. */
  quietSeconds: z
    .number()
    .int()
    .min(0)
    .max(366 * 86_400)
    .default(86_400),
});
export type Automation = z.infer<typeof Automation>;
