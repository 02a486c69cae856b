import { z } from 'zod';

export const EventType = z.enum(['track', 'identify', 'page', 'screen', 'group', 'alias']);
export type EventType = z.infer<typeof EventType>;

/** How an event came in; decides what of it is believed (an `ip` in the context only from servers, no clock correction for imports). */
export const Channel = z.enum(['browser', 'server', 'import', 'pixel', 'internal']);
export type Channel = z.infer<typeof Channel>;

/**
 * First line of a record on the topic `events`: what the collector knew when it took a request. The rest of the record, after one
 * `\n`, is the JSON of the request's events of one person: `{"batch":[…]}`, or a single event. Every event in it has passed
 * `accept` and has a `messageId`.
 */
export const IntakeHeader = z.object({
  v: z.literal(1),
  site: z.string(),
  /** Milliseconds UTC, the collector's clock. */
  receivedAt: z.number().int(),
  /** Milliseconds UTC by the client's clock; null where the client did not say (then no clock correction). */
  sentAt: z.number().int().nullable(),
  channel: Channel,
  /** Type of a single event whose body has none (its route said it). */
  type: EventType.nullable(),
  ip: z.string(),
  userAgent: z.string(),
});
export type IntakeHeader = z.infer<typeof IntakeHeader>;

/** A record of the topic `rejected`: one event that was not accepted, whole, with its reason. */
export const RejectedEvent = z.object({
  v: z.literal(1),
  site: z.string(),
  receivedAt: z.number().int(),
  messageId: z.string(),
  /** e.g. `invalid_type`; listed in docs/errors.md. */
  code: z.string(),
  path: z.string(),
  message: z.string(),
  /** The event as it came, as JSON text; bytes that are no JSON are kept as base64 under `bytes`. */
  event: z.string(),
  header: IntakeHeader,
});
export type RejectedEvent = z.infer<typeof RejectedEvent>;

/**
 * Columns of the table `events`, in the order of its inserts (JSONCompactEachRow), without those that the engine
 * computes (`person`). The migration says what each means; a test compares both.
 */
export const eventColumns = [
  'site',
  'timestamp',
  'event',
  'type',
  'message_id',
  'anonymous_id',
  'user_id',
  'session',
  'original_timestamp',
  'sent_at',
  'received_at',
  'channel',
  'product_id',
  'product_name',
  'category',
  'brand',
  'variant',
  'seller',
  'price',
  'quantity',
  'currency',
  'revenue',
  'value',
  'coupon',
  'order_id',
  'cart_id',
  'checkout_id',
  'products',
  'query',
  'rating',
  'score',
  'ticket_id',
  'support_channel',
  'email',
  'url',
  'path',
  'title',
  'referrer',
  'campaign_source',
  'campaign_medium',
  'campaign_name',
  'user_agent',
  'browser',
  'os',
  'device',
  'locale',
  'country',
  'ip',
  'properties',
  'context',
  'traits',
  'log_partition',
  'log_offset',
  'log_index',
] as const;
export type EventColumn = (typeof eventColumns)[number];
