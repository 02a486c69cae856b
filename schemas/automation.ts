import { z } from 'zod';
import { EventFilter, PropertyPath, SegmentId, Where } from './filters.ts';
import { DecimalText, EventName, PoolId } from './primitives.ts';
import { Criterion } from './segment.ts';

const longestSeconds = 366 * 86_400;
const seconds = (least: number) => z.number().int().min(least).max(longestSeconds);

const Amount = DecimalText.refine((text) => Number(text) > 0, 'more than nothing');
const CurrencyCode = z.string().regex(/^[A-Z]{3}$/, 'a currency by its three letters, e.g. "EUR"');
const discountTerms = {
  validSeconds: seconds(60).default(7 * 86_400),
  /** The order must be worth so much, or more. Checked by the shop, which alone knows the order. */
  minimumOrder: z.object({ amount: Amount, currency: CurrencyCode }).optional(),
  /** Codes come from what the marketer uploaded under this id; made by us unless said. */
  pool: PoolId.optional(),
};

/** A discount in a mail: a personal, single-use code. */
export const Discount = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('percent').default('percent'),
      percent: z.number().int().min(1).max(100),
      ...discountTerms,
    }),
    z.object({ kind: z.literal('amount'), amount: Amount, currency: CurrencyCode, ...discountTerms }),
    z.object({ kind: z.literal('free-shipping'), ...discountTerms }),
  ])
  .refine(
    (discount) =>
      discount.kind !== 'amount' ||
      discount.minimumOrder === undefined ||
      discount.minimumOrder.currency === discount.currency,
    { path: ['minimumOrder', 'currency'], message: 'the currency of the amount' },
  );
export type Discount = z.infer<typeof Discount>;

const HttpUrl = z.url({ protocol: /^https?$/ });

/** Liquid templates; the variables are listed in docs/templates.md. */
export const EmailTemplate = z.object({
  subject: z.string().min(1).max(300),
  preheader: z.string().max(300).default(''),
  heading: z.string().min(1).max(300),
  body: z.string().max(20_000).describe('Liquid; paragraphs are separated by an empty line'),
  button: z.string().min(1).max(100),
  /** Where the button leads: the shop's basket page. */
  buttonUrl: HttpUrl,
});
export type EmailTemplate = z.infer<typeof EmailTemplate>;

/** Older than this an occasion is too old to be written about; a step that is late by more is left out. */
const maxAgeSeconds = seconds(60).default(3 * 86_400);
/** How long nothing must have happened. */
const idle = { idleSeconds: seconds(10).default(3600), maxAgeSeconds };

/** What brings a person into an automation. docs/automations.md says when each is an occasion, and when it is the same one. */
export const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('abandoned-basket'), ...idle }),
  z.object({ kind: z.literal('abandoned-checkout'), ...idle }),
  z.object({ kind: z.literal('browsed'), ...idle }),
  z.object({
    kind: z.literal('event'),
    event: EventName.describe('Of the person: "Order Delivered", "Product Removed" …'),
    where: Where.default([]),
    /** Events that say the same thing twice are one occasion: by their order, product … By themselves unless said. */
    onceFor: PropertyPath.optional(),
    maxAgeSeconds,
  }),
  z.object({
    kind: z.literal('product-news'),
    event: EventName.describe('Anybody\'s, with a product_id: "Product Price Dropped", "Product Back In Stock"'),
    where: Where.default([]),
    /** Whom it is told: who did one of these with the product before, and has not bought it since. */
    interest: z
      .array(EventName)
      .min(1)
      .max(10)
      .default(['Product Viewed', 'Product Added', 'Product Added to Wishlist']),
    interestSeconds: seconds(60).default(30 * 86_400),
    maxAgeSeconds,
  }),
  /** Bought before, and not since. */
  z.object({ kind: z.literal('lapsed'), afterSeconds: seconds(60).default(90 * 86_400), maxAgeSeconds }),
  /** Is in a segment: once for each person. Nothing says since when, so the first step is not a wait. */
  z.object({ kind: z.literal('segment'), segment: SegmentId, maxAgeSeconds }),
]);
export type Trigger = z.infer<typeof Trigger>;

/** Kept when steps are moved or changed: by it nobody gets the same step twice. */
const StepId = z.string().regex(/^[a-z0-9-]{1,40}$/, 'lower-case letters, digits and dashes, 1 to 40');

/** Mails that are tried against the first of a step. */
export const mostVariants = 3;

const Wait = z.object({ kind: z.literal('wait'), seconds: seconds(1) });
const Email = z.object({
  id: StepId,
  kind: z.literal('email'),
  email: EmailTemplate,
  /** Tried against `email`: each person gets one of them, always the same, in equal shares. */
  variants: z.array(EmailTemplate).max(mostVariants).default([]),
  discount: Discount.optional(),
});
const Webhook = z.object({ id: StepId, kind: z.literal('webhook'), url: HttpUrl });

/** `if` is asked when the branch is reached and until a step on it was planned, which decides the way for good. */
export type Step =
  | z.infer<typeof Wait>
  | z.infer<typeof Email>
  | z.infer<typeof Webhook>
  | { kind: 'branch'; if: Criterion; yes: Step[]; no: Step[] };
export type ActingStep = Extract<Step, { id: string }>;
type StepInput =
  | z.input<typeof Wait>
  | z.input<typeof Email>
  | z.input<typeof Webhook>
  | { kind: 'branch'; if: z.input<typeof Criterion>; yes?: StepInput[] | undefined; no?: StepInput[] | undefined };

const mostSteps = 20;
/** Unrolled, like a segment's criteria: no input goes deeper than the schema. */
const stepOf = (deepest: number): z.ZodType<Step, StepInput> => {
  if (deepest === 1) return z.discriminatedUnion('kind', [Wait, Email, Webhook]);
  const steps = z
    .array(stepOf(deepest - 1))
    .max(mostSteps)
    .default([]);
  return z.discriminatedUnion('kind', [
    Wait,
    Email,
    Webhook,
    z.object({ kind: z.literal('branch'), if: Criterion, yes: steps, no: steps }),
  ]);
};
export const Step = stepOf(3);

/** Steps that do something, in the order in which they are written, those of branches included, and where they stand: `steps.1.yes.0`. */
export const placedSteps = (steps: readonly Step[], path = 'steps'): { path: string; step: ActingStep }[] =>
  steps.flatMap((step, index) => {
    const here = `${path}.${index}`;
    if (step.kind === 'wait') return [];
    if (step.kind === 'branch') return [...placedSteps(step.yes, `${here}.yes`), ...placedSteps(step.no, `${here}.no`)];
    return [{ path: here, step }];
  });

export const actingSteps = (steps: readonly Step[]): ActingStep[] => placedSteps(steps).map(({ step }) => step);

/** Ends an automation for a person when it comes after the occasion. `same`: only with the same value as the event that is the occasion. */
const Exit = EventFilter.extend({ event: EventName, same: PropertyPath.optional() });
export type Exit = z.infer<typeof Exit>;

const AutomationDocument = z.object({
  name: z.string().min(1).max(100),
  enabled: z.boolean().default(false),
  /** Marketing needs consent and keeps to quiet hours and caps; service messages (a delay, a failure) go all the same. */
  purpose: z.enum(['marketing', 'service']).default('marketing'),
  /** Where several are due for one person, the highest goes first. */
  priority: z.number().int().min(0).max(100).default(50),
  trigger: Trigger,
  /** Whom it is for, besides: asked when it would come in and again at each step. */
  only: Criterion.optional(),
  steps: z
    .array(Step)
    .min(1)
    .max(mostSteps)
    .refine((steps) => actingSteps(steps).length > 0, 'one of them at least must send something')
    .refine((steps) => {
      const ids = actingSteps(steps).map(({ id }) => id);
      return new Set(ids).size === ids.length;
    }, 'each has an id of its own'),
  exitOn: z.array(Exit).max(20).default([]),
  from: z.object({ name: z.string().min(1).max(100), address: z.email() }).optional(),
  /** Of the persons who are due, so many of a hundred get nothing: what it adds is measured against them. Fixed for each person. */
  holdoutPercent: z.number().min(0).max(90).default(0),
  /** Seconds after its last message before another occasion brings the same person in again. */
  reentrySeconds: seconds(0).default(86_400),
});

/** Whether on one of its ways something is to be waited for before anything is done. */
const mayBeginWithWait = ([first, ...rest]: readonly Step[]): boolean => {
  if (first?.kind === 'branch') return [first.yes, first.no].some((way) => mayBeginWithWait([...way, ...rest]));
  return first?.kind === 'wait';
};

/** What an automation is: who comes in, what is done when, and what ends it. */
export const Automation = AutomationDocument.refine(
  ({ trigger, steps }) => trigger.kind !== 'segment' || !mayBeginWithWait(steps),
  {
    path: ['steps', 0],
    message:
      'whoever is in a segment is in it since no known time: begin with something other than a wait, on each way of a branch',
  },
);
export type Automation = z.infer<typeof Automation>;

type Old = { email: unknown; discount?: unknown; quietSeconds?: unknown };
const isOld = (document: unknown): document is Old =>
  typeof document === 'object' && document !== null && 'email' in document && !('steps' in document);

/**
 * As it is kept: before there were steps, an automation was one mail. Its step's id makes its actions the ones that they were. What is refused today and was once taken is read all the same: one
 * that cannot be read would keep those beside it from being read.
 */
export const StoredAutomation = z.preprocess((document) => {
  if (!isOld(document)) return document;
  const { email, discount, quietSeconds, ...rest } = document;
  const step = { id: '1', kind: 'email', email, ...(discount === undefined ? {} : { discount }) };
  return { ...rest, ...(quietSeconds === undefined ? {} : { reentrySeconds: quietSeconds }), steps: [step] };
}, AutomationDocument);
