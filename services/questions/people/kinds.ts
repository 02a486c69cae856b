import type { TimelineKind } from '../../../schemas/api/people.ts';

/** Kinds of events in a person's timeline, by their names. What has no name here is `other`. */
export const kinds: Readonly<Record<Exclude<TimelineKind, 'other'>, readonly string[]>> = {
  view: [
    'Page Viewed',
    'Screen Viewed',
    'Products Searched',
    'Product List Viewed',
    'Product List Filtered',
    'Promotion Viewed',
    'Promotion Clicked',
    'Product Clicked',
    'Product Viewed',
    'Product Shared',
    'Experiment Viewed',
  ],
  basket: [
    'Product Added',
    'Product Removed',
    'Product Quantity Changed',
    'Cart Viewed',
    'Cart Updated',
    'Cart Cleared',
    'Cart Shared',
    'Product Added to Wishlist',
    'Product Removed from Wishlist',
    'Wishlist Product Added to Cart',
    'Checkout Started',
    'Checkout Step Viewed',
    'Checkout Step Completed',
    'Shipping Info Entered',
    'Payment Info Entered',
    'Payment Failed',
    'Coupon Entered',
    'Coupon Applied',
    'Coupon Denied',
    'Coupon Removed',
  ],
  order: ['Order Completed', 'Order Updated', 'Order Refunded', 'Order Cancelled'],
  delivery: [
    'Order Shipped',
    'Out for Delivery',
    'Order Delivered',
    'Delivery Delayed',
    'Delivery Failed',
    'Return Requested',
    'Return Received',
  ],
  feedback: [
    'Product Reviewed',
    'Seller Rated',
    'Survey Shown',
    'Survey Dismissed',
    'Survey Response Submitted',
    'Support Ticket Rated',
  ],
  support: [
    'Support Contact Started',
    'Support Contact Answered',
    'Support Contact Abandoned',
    'Support Contact Ended',
    'Support Ticket Created',
    'Support Ticket Updated',
    'Support Ticket Solved',
    'Support Ticket Reopened',
  ],
  mail: [
    'Email Sent',
    'Email Delivered',
    'Email Opened',
    'Email Link Clicked',
    'Email Bounced',
    'Email Soft Bounced',
    'Email Marked as Spam',
    'Unsubscribed',
  ],
  identity: ['Identify', 'Alias', 'Group', 'Signed Up', 'Signed In'],
};

const kindByName: ReadonlyMap<string, TimelineKind> = new Map(
  Object.entries(kinds).flatMap(([kind, names]) => names.map((name) => [name, kind as TimelineKind] as const)),
);

export const kindOf = (event: string): TimelineKind => kindByName.get(event) ?? 'other';

export const namedEvents: readonly string[] = [...kindByName.keys()];
