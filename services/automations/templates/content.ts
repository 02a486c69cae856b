import type { Action, LeftBasket } from '../../../schemas/action.ts';

export type MailLinks = {
  button: string;
  unsubscribe: string;
  item: (url: string) => string | null;
  /** A picture that says when the mail is opened; null where the site has none. */
  pixel: string | null;
};

/** What a template may say; docs/templates.md lists it. */
export type Variables = {
  person: { firstName: string; email: string };
  shop: { name: string };
  basket: {
    value: string;
    items: { name: string; quantity: number; price: string }[];
    removed: { name: string }[];
  } | null;
  /** The properties of the event that is the occasion. */
  event: Readonly<Record<string, unknown>>;
  discount: {
    /** `10 % off`, `€5.00 off`, `free shipping`. */
    off: string;
    /** Null where it is no percentage. */
    percent: number | null;
    code: string;
    expiresAt: string;
    /** The same as people say it, by the clock of the shop: codes end at a minute, not with a day. */
    until: string;
    /** What the order must be worth, as money; '' for anything. */
    minimum: string;
  } | null;
};

/** A mail, rendered but for its form. */
export type MailContent = {
  subject: string;
  preheader: string;
  heading: string;
  paragraphs: readonly string[];
  button: string;
  shop: string;
  basket: Action['basket'];
  discount: Variables['discount'];
  links: MailLinks;
};

const leftBehind = {
  cart: ' and left something in your basket',
  checkout: ' and did not finish your order',
  browse: ' and looked at this',
};

/** Why somebody gets it: said at the end of every mail. */
export const whyText = ({ shop, basket }: MailContent): string =>
  `You get this mail because you have an account at ${shop}${basket === null ? '' : leftBehind[basket.of]}.`;

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The two lines around a code. */
export const discountTexts = ({ off, minimum, until }: NonNullable<Variables['discount']>) => ({
  what: `${capitalized(off)}, only for you`,
  until: `Good for one order${minimum === '' ? '' : ` of ${minimum} or more`} until ${until}`,
});

/** What stands before the sum of what was left. */
export const sumText = ({ of }: LeftBasket): string => (of === 'browse' ? 'You looked at' : 'In your basket');
