import { Liquid } from 'liquidjs';
import type { Action, LeftBasket } from '../../../schemas/action.ts';
import type { Benefit } from '../../../schemas/api/discounts.ts';
import type { EmailTemplate } from '../../../schemas/automation.ts';
import { Failure } from '../../platform/failure.ts';
import type { IssuedCode } from '../discounts.ts';
import type { MailLinks, Variables } from './content.ts';
import { htmlMail } from './html.ts';
import { moneyText, priceText } from './money.ts';
import { textMail } from './text.ts';
import { momentText } from './time.ts';

export type Rendered = { subject: string; html: string; text: string };

/** A template may take so long and write so much: an endless loop ends here, and not in the event loop. */
const renderMilliseconds = 200;
const renderCells = 200_000;
const longestOutput = 100_000;

const createEngine = () =>
  new Liquid({
    strictFilters: true,
    strictVariables: false,
    // Own properties of our plain objects only: no prototype, no file, no other template.
    ownPropertyOnly: true,
    relativeReference: false,
    root: [],
    fs: {
      readFileSync: () => refuseFile(),
      readFile: async () => refuseFile(),
      existsSync: () => false,
      exists: async () => false,
      resolve: () => '',
    },
    renderLimit: renderMilliseconds,
    memoryLimit: renderCells,
    parseLimit: longestOutput,
  });

const refuseFile = (): never => {
  throw new Error('templates cannot include files');
};

const plain = createEngine();

/** @throws Failure `bad_request` that names the part and the line: no half of a mail goes out. */
const part = (name: string, template: string, variables: Variables): string => {
  try {
    const text = String(plain.parseAndRenderSync(template, variables));
    if (text.length > longestOutput) throw new Error(`it writes more than ${longestOutput} characters`);
    return text;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure('bad_request', `${name}: ${message}`, { errors: [{ path: name, message }], cause: error });
  }
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const basketVariables = (basket: LeftBasket): Variables['basket'] => ({
  value: moneyText(basket.value, basket.currency),
  items: basket.items.map((item) => ({
    name: item.name,
    quantity: item.quantity,
    price: priceText(item, basket),
  })),
  removed: basket.removed.map(({ name }) => ({ name })),
});

const offText = ({ kind, percent, amount }: Benefit): string => {
  if (kind === 'free-shipping') return 'free shipping';
  return `${amount === null ? `${percent} %` : moneyText(amount.amount, amount.currency)} off`;
};

const discountVariables = ({ code, expiresAt, ...benefit }: IssuedCode, timeZone: string): Variables['discount'] => {
  const { percent, minimumOrder } = benefit;
  const minimum = minimumOrder === null ? '' : moneyText(minimumOrder.amount, minimumOrder.currency);
  return { off: offText(benefit), percent, code, expiresAt, until: momentText(expiresAt, timeZone), minimum };
};

export const variablesOf = (
  { basket, event }: Pick<Action, 'basket' | 'event'>,
  person: Variables['person'],
  shop: { name: string; timeZone: string },
  discount: IssuedCode | null,
): Variables => ({
  person,
  shop: { name: shop.name },
  basket: basket === null ? null : basketVariables(basket),
  event: event?.properties ?? {},
  discount: discount === null ? null : discountVariables(discount, shop.timeZone),
});

/** The whole mail. Values come from strangers: the parts are rendered as text and escaped where they enter the HTML. */
export const renderMail = (
  template: EmailTemplate,
  action: Pick<Action, 'basket'>,
  variables: Variables,
  links: MailLinks,
): Rendered => {
  const parts = {
    subject: oneLine(part('subject', template.subject, variables)),
    preheader: oneLine(part('preheader', template.preheader, variables)),
    heading: oneLine(part('heading', template.heading, variables)),
    paragraphs: part('body', template.body, variables)
      .split(/\n\s*\n/)
      .map((paragraph) => paragraph.trim())
      .filter((paragraph) => paragraph !== ''),
    button: oneLine(part('button', template.button, variables)),
  };
  const content = { ...parts, shop: variables.shop.name, basket: action.basket, discount: variables.discount, links };
  return { subject: parts.subject, html: htmlMail(content), text: textMail(content) };
};
