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
 * Columns of the table `events` with their ClickHouse types, in the order of its inserts, without those that the engine computes (`person`). The
 * migration says what each means; a test compares both.
 */
export const eventColumnTypes = {
  site: 'LowCardinality(String)',
  timestamp: "DateTime64(3, 'UTC')",
  event: 'LowCardinality(String)',
  type: 'LowCardinality(String)',
  message_id: 'String',
  anonymous_id: 'String',
  user_id: 'String',
  session: 'String',
  original_timestamp: "DateTime64(3, 'UTC')",
  sent_at: "Nullable(DateTime64(3, 'UTC'))",
  received_at: "DateTime64(3, 'UTC')",
  channel: 'LowCardinality(String)',
  product_id: 'String',
  product_name: 'String',
  category: 'LowCardinality(String)',
  brand: 'LowCardinality(String)',
  variant: 'LowCardinality(String)',
  seller: 'LowCardinality(String)',
  price: 'Nullable(Decimal(18, 4))',
  quantity: 'Nullable(Int32)',
  currency: 'LowCardinality(String)',
  revenue: 'Nullable(Decimal(18, 4))',
  value: 'Nullable(Decimal(18, 4))',
  coupon: 'String',
  order_id: 'String',
  cart_id: 'String',
  checkout_id: 'String',
  products: 'String',
  query: 'String',
  rating: 'Nullable(Float32)',
  score: 'Nullable(Float32)',
  ticket_id: 'String',
  support_channel: 'LowCardinality(String)',
  email: 'String',
  url: 'String',
  path: 'String',
  title: 'String',
  referrer: 'String',
  campaign_source: 'LowCardinality(String)',
  campaign_medium: 'LowCardinality(String)',
  campaign_name: 'LowCardinality(String)',
  user_agent: 'String',
  browser: 'LowCardinality(String)',
  os: 'LowCardinality(String)',
  device: 'LowCardinality(String)',
  locale: 'LowCardinality(String)',
  country: 'LowCardinality(String)',
  ip: 'String',
  properties: 'String',
  context: 'String',
  traits: 'String',
  log_partition: 'UInt16',
  log_offset: 'UInt64',
  log_index: 'UInt16',
} as const;
export type EventColumn = keyof typeof eventColumnTypes;
export const eventColumns = Object.keys(eventColumnTypes) as EventColumn[];
