import type { EventColumn, eventColumnTypes, IntakeHeader } from '../../schemas/event.ts';
import { canonicalName } from '../../schemas/vocabulary/names.ts';
import type { Agent } from './user-agent.ts';
import {
  currencyCode,
  decimal,
  firstDecimal,
  firstText,
  float,
  instant,
  integer,
  type JsonObject,
  json,
  object,
  storable,
  text,
  truncatedIp,
} from './values.ts';

/** Where on the log an event stands. */
export type Place = { partition: number; offset: number; index: number };

/** What a column of a type holds here: times are milliseconds UTC, decimals exact text. */
type Value<Type extends string> = Type extends `Nullable(${infer Inner})`
  ? Value<Inner> | null
  : Type extends `DateTime64${string}` | `UInt${string}` | `Int${string}` | `Float${string}`
    ? number
    : string;
/** Every column that the sink writes, by name. */
export type EventRow = { [Column in EventColumn]: Value<(typeof eventColumnTypes)[Column]> };

/** A corrected time further ahead than this is a wrong clock, not a shopper of tomorrow. */
const aheadMilliseconds = 86_400_000;
/** One before this is a wrong clock too; the collector takes history of ten years. */
const behindMilliseconds = 11 * 366 * 86_400_000;

/** How events are called in questions where the call itself is the event. */
const eventNames: Readonly<Record<string, string>> = {
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  identify: 'Identify',
  group: 'Group',
  alias: 'Alias',
};

export const eventName = (type: string, event: JsonObject): string =>
  eventNames[type] ?? canonicalName(text(event['event']));

type Times = { timestamp: number; original: number; sentAt: number | null };

/**
 * `receivedAt - (sentAt - originalTimestamp)`: what the client's clock is wrong by cancels out (Segment's spec, "common fields"). Not for
 * imports, whose times are history, nor where the client did not say when it sent. What comes out as no plausible time becomes `receivedAt`,
 * so that no client can make a row that the warehouse refuses.
 */
export const timesOf = (header: IntakeHeader, event: JsonObject): Times => {
  const { receivedAt, channel } = header;
  const sentAt = channel === 'import' ? null : (storable(header.sentAt) ?? instant(event['sentAt']));
  const original = instant(event['originalTimestamp']) ?? instant(event['timestamp']) ?? sentAt ?? receivedAt;
  const corrected = sentAt === null ? original : receivedAt - (sentAt - original);
  const isPlausible = corrected <= receivedAt + aheadMilliseconds && corrected >= receivedAt - behindMilliseconds;
  const timestamp = isPlausible ? corrected : receivedAt;
  return { timestamp, original, sentAt };
};

/** What a product event says of its product, in Segment's words or in GA4's (whose events carry a list of one). */
const productOf = (properties: JsonObject): JsonObject => {
  if (properties['product_id'] !== undefined || properties['sku'] !== undefined) return properties;
  const list = properties['items'] ?? properties['products'];
  return Array.isArray(list) && list.length === 1 ? { ...object(list[0]), ...properties } : properties;
};

const orderEvents = new Set(['Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled']);

const commerceColumns = (event: string, properties: JsonObject) => {
  const product = productOf(properties);
  const products = properties['products'] ?? properties['items'];
  return {
    product_id: firstText(product['product_id'], product['sku'], product['item_id']),
    product_name:
      event === 'Page Viewed' || event === 'Screen Viewed' ? '' : firstText(product['name'], product['item_name']),
    category: firstText(product['category'], product['item_category']),
    brand: firstText(product['brand'], product['item_brand']),
    variant: firstText(product['variant'], product['item_variant']),
    seller: firstText(product['seller'], product['seller_id'], product['vendor']),
    price: decimal(product['price']),
    quantity: integer(product['quantity']),
    currency: currencyCode(properties['currency']) || currencyCode(product['currency']),
    revenue: orderEvents.has(event)
      ? firstDecimal(properties['revenue'], properties['total'], properties['value'])
      : decimal(properties['revenue']),
    value: firstDecimal(properties['value'], properties['total']),
    coupon: firstText(properties['coupon'], properties['coupon_id']),
    order_id: firstText(properties['order_id'], properties['transaction_id']),
    cart_id: text(properties['cart_id']),
    checkout_id: text(properties['checkout_id']),
    // An empty list says something: that nothing is in the basket.
    products: Array.isArray(products) ? JSON.stringify(products) : '',
    query: firstText(properties['query'], properties['search_term']),
    rating: float(properties['rating']),
    score: float(properties['score']),
    ticket_id: firstText(properties['ticket_id'], properties['conversation_id']),
    support_channel: text(properties['channel']),
  };
};

const pageColumns = (event: JsonObject, properties: JsonObject, context: JsonObject) => {
  // A page call says of the page in its properties what other calls say in the context.
  const page = event['type'] === 'page' ? { ...object(context['page']), ...properties } : object(context['page']);
  const campaign = object(context['campaign']);
  return {
    url: text(page['url']),
    path: text(page['path']),
    title: text(page['title']),
    referrer: text(page['referrer']),
    campaign_source: text(campaign['source']),
    campaign_medium: text(campaign['medium']),
    campaign_name: text(campaign['name']),
  };
};

const deviceColumns = (header: IntakeHeader, context: JsonObject, readAgent: (userAgent: string) => Agent) => {
  const userAgent = firstText(context['userAgent'], header.channel === 'browser' ? header.userAgent : '');
  const { browser, os, device } = readAgent(userAgent);
  return {
    user_agent: userAgent,
    browser,
    os,
    device,
    locale: text(context['locale']),
    country: firstText(object(context['location'])['country'], object(context['geo'])['country']),
    ip: truncatedIp(firstText(context['ip'], header.channel === 'browser' ? header.ip : '')),
  };
};

/** An accepted event as its row. Pure: the same event at the same place gives the same row, so writing it again changes nothing. */
export const eventRow = (
  header: IntakeHeader,
  event: JsonObject,
  place: Place,
  readAgent: (userAgent: string) => Agent,
): EventRow => {
  const type = text(event['type']) || (header.type ?? 'track');
  const name = eventName(type, event);
  const properties = object(event['properties']);
  const context = object(event['context']);
  const traits = type === 'identify' || type === 'group' ? object(event['traits']) : object(context['traits']);
  const { timestamp, original, sentAt } = timesOf(header, event);
  return {
    site: header.site,
    timestamp,
    event: name,
    type,
    message_id: text(event['messageId']),
    anonymous_id: text(event['anonymousId']),
    user_id: text(event['userId']),
    session: firstText(context['sessionId'], object(context['session'])['id'], properties['session_id']),
    original_timestamp: original,
    sent_at: sentAt,
    received_at: header.receivedAt,
    channel: header.channel,
    ...commerceColumns(name, properties),
    email: firstText(traits['email'], object(context['traits'])['email'], properties['email']),
    ...pageColumns({ type }, properties, context),
    ...deviceColumns(header, context, readAgent),
    properties: json(properties),
    context: json(context),
    traits: json(traits),
    log_partition: place.partition,
    log_offset: place.offset,
    log_index: place.index,
  };
};
