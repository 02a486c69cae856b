import type { z } from 'zod';
import { Automation, type EmailTemplate } from '../../schemas/automation.ts';
import type { Condition } from '../../schemas/filters.ts';

const hour = 3600;
const day = 24 * hour;
const shop = 'https://shop.example';

const greeting = 'Hello{% if person.firstName %} {{ person.firstName }}{% endif %},';
type Words = Pick<EmailTemplate, 'subject' | 'heading' | 'button'> & {
  text: string[];
  preheader?: string;
  page?: string;
};

const mail = (id: string, { text, page = '/', ...words }: Words, percent?: number) => ({
  id,
  kind: 'email' as const,
  variants: [],
  email: { preheader: '', ...words, body: [greeting, ...text].join('\n\n'), buttonUrl: `${shop}${page}` },
  ...(percent === undefined ? {} : { discount: { kind: 'percent' as const, percent, validSeconds: 7 * day } }),
});
const wait = (seconds: number) => ({ kind: 'wait' as const, seconds });

const bought = { event: 'Order Completed' };
const askedSupport = { event: 'Support Contact Started' };
/** Somebody answered a survey of this type. */
const answered = (survey: 'nps' | 'csat' | 'ces', ...more: Condition[]) => ({
  event: 'Survey Response Submitted',
  where: [{ property: 'survey_type', op: 'eq' as const, value: survey }, ...more],
});
const discountPreheader =
  '{% if discount %}{{ discount.off | capitalize }} with your personal code {{ discount.code }}{% endif %}';
const theOrder = '{% if event.order_id %} {{ event.order_id }}{% endif %}';

/** "You left something in your basket": an hour after, with 10 % off. Off until it is switched on. */
export const basketRescue: Automation = Automation.parse({
  name: 'Basket rescue',
  trigger: { kind: 'abandoned-basket' },
  holdoutPercent: 10,
  steps: [
    mail(
      '1',
      {
        subject: '{% if person.firstName %}{{ person.firstName }}, your{% else %}Your{% endif %} basket is still here',
        preheader: discountPreheader,
        heading: 'You left something behind',
        text: [
          'we kept your basket as you left it.{% if discount %} With the code below you get {{ discount.off }}: it is yours alone, good for one order.{% endif %}',
        ],
        button: 'Back to my basket',
        page: '/basket',
      },
      10,
    ),
  ],
});

const readyMade: Readonly<Record<string, Omit<z.input<typeof Automation>, 'enabled'>>> = {
  'basket-rescue': basketRescue,
  'basket-series': {
    name: 'Basket rescue in three mails',
    trigger: { kind: 'abandoned-basket', maxAgeSeconds: 2 * day },
    holdoutPercent: 10,
    exitOn: [bought, askedSupport],
    steps: [
      mail('reminder', {
        subject: 'Your basket is still here',
        heading: 'You left something behind',
        text: ['we kept your basket as you left it.'],
        button: 'Back to my basket',
        page: '/basket',
      }),
      wait(23 * hour),
      mail(
        'discount',
        {
          subject: 'Your basket, with {{ discount.off }}',
          preheader: discountPreheader,
          heading: 'A little help to decide',
          text: ['with the code below you get {{ discount.off }}. It is yours alone, good for one order.'],
          button: 'Back to my basket',
          page: '/basket',
        },
        10,
      ),
      wait(48 * hour),
      mail('last-call', {
        subject: 'Last call for your basket',
        heading: 'We will put these back soon',
        text: ['this is the last mail about your basket: after this we leave you alone.'],
        button: 'Back to my basket',
        page: '/basket',
      }),
    ],
  },
  'deleted-discount': {
    name: 'You took this out',
    trigger: { kind: 'event', event: 'Product Removed', onceFor: 'product_id', maxAgeSeconds: day },
    exitOn: [bought, { event: 'Product Added', same: 'product_id' }],
    holdoutPercent: 10,
    reentrySeconds: 7 * day,
    // After what is said of the basket that is left, which shows what was taken out as well.
    priority: 40,
    steps: [
      wait(2 * hour),
      mail(
        'discount',
        {
          subject: '{% if event.name %}{{ event.name }}{% else %}What you took out{% endif %}, with {{ discount.off }}',
          preheader: discountPreheader,
          heading: 'Changed your mind?',
          text: [
            'you took {% if event.name %}{{ event.name }}{% else %}something{% endif %} out of your basket. If it was the price: this code is yours alone.',
          ],
          button: 'Have another look',
        },
        10,
      ),
    ],
  },
  'checkout-rescue': {
    name: 'Checkout rescue',
    // Before what is said of any basket: it knows better where they stopped.
    priority: 60,
    trigger: { kind: 'abandoned-checkout' },
    holdoutPercent: 10,
    exitOn: [bought, askedSupport],
    steps: [
      mail('reminder', {
        subject: 'Your order is not finished yet',
        heading: 'One step is missing',
        text: [
          'something kept you from finishing your order. Everything is as you left it; if you have a question, answer this mail.',
        ],
        button: 'Finish my order',
        page: '/checkout',
      }),
    ],
  },
  'browse-reminder': {
    name: 'Browse reminder',
    trigger: { kind: 'browsed', idleSeconds: 4 * hour, maxAgeSeconds: 2 * day },
    holdoutPercent: 10,
    reentrySeconds: 7 * day,
    exitOn: [bought],
    steps: [
      mail('reminder', {
        subject: 'Still thinking about it?',
        heading: 'You had a look at these',
        text: ['here is what you looked at, in case you want to find it again.'],
        button: 'Have another look',
      }),
    ],
  },
  'review-request': {
    name: 'Review request',
    purpose: 'marketing',
    trigger: { kind: 'event', event: 'Order Delivered', onceFor: 'order_id', maxAgeSeconds: 7 * day },
    exitOn: [{ event: 'Product Reviewed' }, askedSupport, { event: 'Return Requested' }],
    steps: [
      wait(5 * day),
      mail('ask', {
        subject: 'How do you like it?',
        heading: 'Tell others what you think',
        text: [`your order${theOrder} has been with you for some days. A few words help those who are still deciding.`],
        button: 'Write a review',
        page: '/reviews/new',
      }),
    ],
  },
  'delay-notice': {
    name: 'Delay notice with an apology',
    purpose: 'service',
    priority: 90,
    trigger: { kind: 'event', event: 'Delivery Delayed', onceFor: 'order_id', maxAgeSeconds: 2 * day },
    exitOn: [
      { event: 'Order Delivered', same: 'order_id' },
      { event: 'Order Cancelled', same: 'order_id' },
    ],
    reentrySeconds: 0,
    steps: [
      mail('notice', {
        subject: `Your order${theOrder} will be late`,
        heading: 'We are sorry: it takes longer',
        text: [
          `your order${theOrder} is on its way, but later than we promised{% if event.expected_at %}: we expect it on {{ event.expected_at }}{% endif %}. You need not do anything.`,
        ],
        button: 'Follow my order',
        page: '/orders',
      }),
    ],
  },
  'failure-notice': {
    name: 'Product failure notice',
    purpose: 'service',
    priority: 95,
    trigger: { kind: 'event', event: 'Product Failed', onceFor: 'order_id', maxAgeSeconds: 7 * day },
    reentrySeconds: 0,
    steps: [
      mail('notice', {
        subject: 'About {% if event.name %}{{ event.name }}{% else %}your product{% endif %}',
        heading: 'We will put it right',
        text: [
          'something is wrong with what you bought from us, and we are sorry. You can choose: another one, a repair, or your money back.',
        ],
        button: 'Choose what we do',
        page: '/support',
      }),
    ],
  },
  'price-dropped': {
    name: 'The price dropped',
    trigger: { kind: 'product-news', event: 'Product Price Dropped' },
    exitOn: [{ event: 'Order Completed' }],
    reentrySeconds: 3 * day,
    steps: [
      mail('tell', {
        subject: '{% if event.name %}{{ event.name }}{% else %}What you looked at{% endif %} costs less now',
        heading: 'The price dropped',
        text: [
          'something that you had your eye on costs less now{% if event.price %}: {{ event.price }}{% if event.currency %} {{ event.currency }}{% endif %}{% endif %}.',
        ],
        button: 'Have a look',
      }),
    ],
  },
  'back-in-stock': {
    name: 'Back in stock',
    trigger: { kind: 'product-news', event: 'Product Back In Stock' },
    exitOn: [{ event: 'Order Completed' }],
    reentrySeconds: 3 * day,
    steps: [
      mail('tell', {
        subject: '{% if event.name %}{{ event.name }}{% else %}What you looked at{% endif %} is back',
        heading: 'It is here again',
        text: ['something that you had your eye on can be ordered again.'],
        button: 'Have a look',
      }),
    ],
  },
  'win-back': {
    name: 'Win-back',
    trigger: { kind: 'lapsed', afterSeconds: 90 * day, maxAgeSeconds: 7 * day },
    holdoutPercent: 20,
    reentrySeconds: 90 * day,
    steps: [
      mail(
        'hello',
        {
          subject: 'It has been a while',
          preheader: discountPreheader,
          heading: 'We would like to see you again',
          text: ['your last order was some time ago. With the code below you get {{ discount.off }} on the next one.'],
          button: "See what's new",
        },
        15,
      ),
    ],
  },
  welcome: {
    name: 'Welcome',
    trigger: { kind: 'event', event: 'Signed Up', onceFor: 'person.userId', maxAgeSeconds: 2 * day },
    steps: [
      mail('hello', {
        subject: 'Welcome to {{ shop.name }}',
        heading: 'Good to have you here',
        text: ['your account is ready. We write seldom, and every mail has a link to stop them.'],
        button: 'Look around',
      }),
    ],
  },
  'thank-you': {
    name: 'Thank-you with a benefit',
    trigger: { kind: 'event', event: 'Order Completed', onceFor: 'order_id', maxAgeSeconds: 3 * day },
    exitOn: [{ event: 'Order Cancelled', same: 'order_id' }],
    reentrySeconds: 30 * day,
    steps: [
      wait(day),
      mail(
        'thanks',
        {
          subject: 'Thank you for your order',
          preheader: discountPreheader,
          heading: 'Thank you',
          text: ['this is for your next order: with the code below you get {{ discount.off }}.'],
          button: 'Back to the shop',
        },
        5,
      ),
    ],
  },
  'nps-survey': {
    name: 'NPS survey',
    trigger: { kind: 'event', event: 'Order Delivered', onceFor: 'order_id', maxAgeSeconds: 7 * day },
    exitOn: [answered('nps')],
    reentrySeconds: 90 * day,
    steps: [
      wait(10 * day),
      mail('ask', {
        subject: 'One question',
        heading: 'Would you recommend us?',
        text: ['how likely are you to recommend {{ shop.name }} to a friend, from 0 to 10? It takes a few seconds.'],
        button: 'Answer',
        page: '/survey/nps',
      }),
    ],
  },
  'csat-survey': {
    name: 'CSAT survey after support',
    trigger: { kind: 'event', event: 'Support Contact Ended', onceFor: 'ticket_id', maxAgeSeconds: day },
    exitOn: [answered('csat')],
    reentrySeconds: 7 * day,
    steps: [
      wait(hour),
      mail('ask', {
        subject: 'Did we help you?',
        heading: 'How satisfied are you?',
        text: ['you talked to us. How satisfied are you with what we did, from 1 to 5?'],
        button: 'Answer',
        page: '/survey/csat',
      }),
    ],
  },
  'ces-survey': {
    name: 'CES survey after a return',
    trigger: { kind: 'event', event: 'Return Received', onceFor: 'order_id', maxAgeSeconds: 3 * day },
    exitOn: [answered('ces')],
    reentrySeconds: 30 * day,
    steps: [
      wait(day),
      mail('ask', {
        subject: 'Was it easy?',
        heading: 'How easy was your return?',
        text: ['you sent something back. How easy did we make it, from 1 to 7?'],
        button: 'Answer',
        page: '/survey/ces',
      }),
    ],
  },
  'detractor-ticket': {
    name: 'Detractor to support',
    purpose: 'service',
    trigger: {
      kind: 'event',
      ...answered('nps', { property: 'score', op: 'lte', value: 6 }),
      maxAgeSeconds: 3 * day,
    },
    reentrySeconds: 0,
    steps: [{ id: 'ticket', kind: 'webhook', url: 'https://support.example/tickets' }],
  },
};

/** What a shop can begin with, by id; each is off until it is switched on. */
export const readyMadeAutomations: ReadonlyMap<string, Automation> = new Map(
  Object.entries(readyMade).map(([id, document]) => [id, Automation.parse({ ...document, enabled: false })]),
);
