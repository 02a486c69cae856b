import { z } from 'zod';
import { AnyObject, DecimalText, Timestamp } from '../primitives.ts';
import { Basket, BasketItem } from './abandonment.ts';
import { PersonSummary, personParams } from './people.ts';
import { defineRoute } from './route.ts';

/** The shop's own words: '' where an event did not say it. */
const Said = z.string();

export const PersonIdentity = z.object({
  kind: z.enum(['user', 'device']),
  /** User id or anonymous id. */
  id: z.string(),
  firstSeen: Timestamp,
  events: z.number().int(),
  /** Why a device is this person's: the first event that named it together with the user. Null for the user id, and where nothing was joined. */
  joinedBy: z.object({ at: Timestamp, event: z.string(), type: z.string(), messageId: z.string() }).nullable(),
});

export const PersonValue = z.object({
  currency: z.string(),
  /** Not cancelled. */
  orders: z.number().int(),
  /** Of those orders, before refunds. */
  revenue: DecimalText,
  refunded: DecimalText,
  net: DecimalText,
  /** Net per order; null where there is none. */
  averageOrderValue: DecimalText.nullable(),
  cancelledOrders: z.number().int(),
});
export type PersonValue = z.infer<typeof PersonValue>;

export const PersonOrder = z.object({
  orderId: z.string(),
  at: Timestamp,
  /** The first that holds. refunded: all of it. returned: goods came back, the money did not (yet). */
  status: z.enum(['cancelled', 'refunded', 'partlyRefunded', 'returned', 'delivered', 'shipped', 'placed']),
  currency: z.string(),
  revenue: DecimalText,
  refunded: DecimalText,
  net: DecimalText,
  coupon: Said,
  items: z.array(BasketItem),
  shippedAt: Timestamp.nullable(),
  deliveredAt: Timestamp.nullable(),
});
export type PersonOrder = z.infer<typeof PersonOrder>;

export const PersonReturn = z.object({
  at: Timestamp,
  event: z.enum(['Order Refunded', 'Order Cancelled', 'Return Requested', 'Return Received']),
  orderId: z.string(),
  productId: Said,
  reason: Said,
  /** What the event said; null where it said none. */
  amount: DecimalText.nullable(),
  currency: Said,
});

export const PersonReview = z.object({
  at: Timestamp,
  event: z.enum(['Product Reviewed', 'Seller Rated']),
  productId: Said,
  productName: Said,
  seller: Said,
  orderId: Said,
  rating: z.number().nullable(),
  scaleMax: z.number().nullable(),
  comment: Said,
});

export const PersonSurveyAnswer = z.object({
  at: Timestamp,
  /** nps, csat, ces or the shop's own, in lower case. */
  surveyType: Said,
  surveyId: Said,
  score: z.number().nullable(),
  scaleMax: z.number().nullable(),
  comment: Said,
  channel: Said,
  orderId: Said,
});

export const PersonContact = z.object({
  /** Ticket or conversation; the message id of a contact that names none. */
  id: z.string(),
  channel: Said,
  subject: Said,
  category: Said,
  status: z.enum(['open', 'resolved', 'abandoned']),
  startedAt: Timestamp,
  /** Null where nobody has answered yet, or no event says so. */
  firstResponseSeconds: z.number().nullable(),
  resolvedAt: Timestamp.nullable(),
  reopened: z.number().int(),
  rating: z.number().nullable(),
});

export const PersonMail = z.object({
  id: z.string(),
  subject: Said,
  campaign: Said,
  sentAt: Timestamp.nullable(),
  deliveredAt: Timestamp.nullable(),
  openedAt: Timestamp.nullable(),
  clickedAt: Timestamp.nullable(),
  bouncedAt: Timestamp.nullable(),
  complainedAt: Timestamp.nullable(),
  unsubscribedAt: Timestamp.nullable(),
});

const Count = z.number().int();

/** Lists hold the newest 50; figures count all. */
export const PersonProfile = PersonSummary.extend({
  identities: z.array(PersonIdentity),
  /** As last said, by name. */
  traits: AnyObject,
  value: z.array(PersonValue),
  orders: z.array(PersonOrder),
  /** Refunds, cancellations and returns. */
  returns: z.array(PersonReturn),
  /** What lies in baskets that were not ordered, of the last 30 days. */
  baskets: z.array(
    Basket.pick({ cartId: true, items: true, value: true, currency: true, since: true, lastActivity: true }),
  ),
  reviews: z.array(PersonReview),
  satisfaction: z.array(PersonSurveyAnswer),
  support: z.object({
    channels: z.array(
      z.object({
        channel: Said,
        contacts: Count,
        open: Count,
        resolved: Count,
        abandoned: Count,
        /** Over the contacts that were answered. */
        averageFirstResponseSeconds: z.number().nullable(),
      }),
    ),
    contacts: z.array(PersonContact),
  }),
  mails: z.object({
    sent: Count,
    /** Opened, or clicked, which shows that it was opened. */
    opened: Count,
    clicked: Count,
    list: z.array(PersonMail),
  }),
});
export type PersonProfile = z.infer<typeof PersonProfile>;

export const getPerson = defineRoute({
  method: 'GET',
  path: '/api/sites/:site/persons/:id',
  summary: 'A person, whole; the id of a device that was joined answers the person it belongs to',
  access: 'viewer',
  params: personParams,
  answer: PersonProfile,
});
