type Sample = { about: string; place: string; code: string };

type Write = (server: string, writeKey: string) => Sample;

const snippet: Write = (server, writeKey) => ({
  about: 'Our own script, under 3 KB: page views by itself, everything else by analytics.track().',
  place: 'In the head of every page',
  code: `<script>
!function(){var a=window.analytics=window.analytics||[];if(a.started)return;a.started=!0;
["track","page","identify","group","alias","reset","ready"].forEach(function(m){
a[m]=function(){a.push([m].concat([].slice.call(arguments)))}});
var s=document.createElement("script");s.async=!0;
s.src="${server}/analytics.js/v1/${writeKey}/analytics.min.js";
document.head.appendChild(s);a.page()}();
</script>
<script>
analytics.track('Product Added', {
  cart_id: 'cart-1', product_id: 'lamp-1', name: 'Storm lantern',
  price: 39.90, quantity: 1, currency: 'EUR',
});
</script>`,
});

const curl: Write = (server, writeKey) => ({
  about: 'One event from a terminal: the answer says what was taken and what was not.',
  place: 'In a terminal',
  code: `curl -u ${writeKey}: ${server}/v1/track \\
  -H 'content-type: application/json' \\
  -d '{
    "event": "Product Added",
    "userId": "ada",
    "properties": {
      "cart_id": "cart-1", "product_id": "lamp-1", "name": "Storm lantern",
      "price": 39.90, "quantity": 1, "currency": "EUR"
    }
  }'`,
});

const browser: Write = (server, writeKey) => ({
  about: 'Segment’s own library for browsers, with this server as its host.',
  place: 'npm install @segment/analytics-next',
  code: `import { AnalyticsBrowser } from '@segment/analytics-next';

export const analytics = AnalyticsBrowser.load(
  { writeKey: '${writeKey}', cdnURL: '${server}' },
  { integrations: { 'Segment.io': { apiHost: '${server.replace(/^https?:\/\//, '')}/v1', protocol: '${server.startsWith('https') ? 'https' : 'http'}' } } },
);

analytics.identify('ada', { email: 'ada@example.com' });
analytics.track('Checkout Started', { cart_id: 'cart-1', value: 39.90, currency: 'EUR' });`,
});

const node: Write = (server, writeKey) => ({
  about: 'Segment’s own library for servers: orders are best sent from where they are made.',
  place: 'npm install @segment/analytics-node',
  code: `import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({ writeKey: '${writeKey}', host: '${server}' });

analytics.track({
  userId: 'ada',
  event: 'Order Completed',
  properties: { order_id: 'A-1001', cart_id: 'cart-1', revenue: 39.90, currency: 'EUR' },
});
await analytics.closeAndFlush();`,
});

/** How to send the first event, in the words of each client; address and key filled in. */
export const samples = (server: string, writeKey: string): Record<'snippet' | 'curl' | 'browser' | 'node', Sample> => ({
  snippet: snippet(server, writeKey),
  curl: curl(server, writeKey),
  browser: browser(server, writeKey),
  node: node(server, writeKey),
});
