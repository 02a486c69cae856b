import { Amount, defineEvent, Products, productShape, Text } from './property.ts';

// What customers say and what happens after the order. No vendor's specification covers it, so these names are ours, in the
// style of Segment's; aliases are what survey, help desk and fulfilment tools send.

const survey = {
  survey_id: Text,
  survey_name: Text,
  /** nps, csat, ces, or the shop's own. */
  survey_type: Text,
  response_id: Text,
  question_id: Text,
  score: Amount,
  scale_max: Amount,
  comment: Text,
  channel: Text,
  order_id: Text,
  product_id: Text,
  ticket_id: Text,
  seller: Text,
};

const ticket = {
  ticket_id: Text,
  conversation_id: Text,
  channel: Text,
  category: Text,
  priority: Text,
  status: Text,
  subject: Text,
  order_id: Text,
  product_id: Text,
  seller: Text,
  agent_id: Text,
  wait_seconds: Amount,
  duration_seconds: Amount,
  first_response_seconds: Amount,
  resolution_seconds: Amount,
  contacts: Amount,
};
const aTicket = [['ticket_id', 'conversation_id']];
const rated = { rating: Amount, score: Amount, scale_max: Amount, comment: Text };
const aRating = ['rating', 'score'];

const delivery = {
  order_id: Text,
  fulfillment_id: Text,
  carrier: Text,
  tracking_number: Text,
  tracking_url: Text,
  promised_at: Text,
  expected_at: Text,
  delay_seconds: Amount,
  reason: Text,
  seller: Text,
  products: Products,
};
const anOrder = [['order_id']];
const returned = { ...delivery, ...productShape, return_id: Text, refund: Amount, currency: Text };

/** Ratings, surveys, support, delivery, returns. */
export const experience = [
  defineEvent(
    'Product Reviewed',
    { ...productShape, order_id: Text, review_id: Text, review_body: Text, ...rated },
    { needs: [['product_id', 'sku'], aRating], aliases: ['Reviewed Product', 'Product Rated'] },
  ),
  defineEvent(
    'Seller Rated',
    { seller: Text, seller_id: Text, order_id: Text, product_id: Text, ...rated },
    { needs: [['seller', 'seller_id'], aRating], aliases: ['Seller Reviewed'] },
  ),
  defineEvent('Survey Shown', survey),
  defineEvent('Survey Dismissed', survey),
  defineEvent('Survey Response Submitted', survey, {
    needs: [['score']],
    aliases: [
      'survey sent',
      'Survey Question Answered',
      'Survey Question Answer',
      'NPS Response Sent',
      'Survey Completed',
      'survey response created',
    ],
  }),
  defineEvent('Support Contact Started', ticket, {
    aliases: ['Support Contacted', 'Live Chat Conversation Started', 'Conversation Opened'],
  }),
  defineEvent('Support Contact Answered', ticket),
  defineEvent('Support Contact Abandoned', ticket),
  defineEvent('Support Contact Ended', ticket, {
    aliases: ['Live Chat Conversation Ended', 'Conversation Closed'],
  }),
  defineEvent('Support Ticket Created', ticket, { needs: aTicket, aliases: ['Ticket Created'] }),
  defineEvent('Support Ticket Updated', ticket, { needs: aTicket, aliases: ['Ticket Updated'] }),
  defineEvent('Support Ticket Solved', ticket, { needs: aTicket, aliases: ['Ticket Solved', 'Support Ticket Closed'] }),
  defineEvent('Support Ticket Reopened', ticket, { needs: aTicket, aliases: ['Ticket Reopened'] }),
  defineEvent('Support Ticket Rated', { ...ticket, ...rated }, { needs: [...aTicket, aRating] }),
  defineEvent('Order Shipped', delivery, { needs: anOrder, aliases: ['Fulfillment Created', 'Shipment Created'] }),
  defineEvent('Out for Delivery', delivery, { needs: anOrder }),
  defineEvent('Order Delivered', delivery, { needs: anOrder, aliases: ['Shipment Delivered'] }),
  defineEvent('Delivery Delayed', delivery, { needs: anOrder, aliases: ['Order Delayed', 'Shipment Delayed'] }),
  defineEvent('Delivery Failed', delivery, { needs: anOrder }),
  defineEvent('Return Requested', returned, { needs: anOrder, aliases: ['Order Return Requested'] }),
  defineEvent('Return Received', returned, { needs: anOrder, aliases: ['Order Returned', 'Product Returned'] }),
];
