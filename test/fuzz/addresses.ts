import type { Random } from '../../services/demo/random.ts';
import { eventText } from './events.ts';
import type { Pool } from './hostile.ts';

const methods = ['GET', 'GET', 'GET', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'] as const;

/** What addresses are made of, right and wrong: `KEY` is a write key, `EVENT` an event, `ODD` anything. */
const forms = [
  ...[
    '/v1/pixel/track?data=EVENT&writeKey=KEY',
    '/pixel/v1/page?writeKey=KEY&anonymousId=ODD&messageId=ODD',
    '/v1/pixel/ODD?data=ODD',
  ],
  ...[
    '/v1/projects/KEY/settings',
    '/v1/projects/ODD/settings',
    '/projects/ODD/settings?ODD',
    '/analytics.js/v1/ODD/analytics.min.js',
  ],
  ...[
    '/c/ODD',
    '/u/ODD',
    '/sign-in/ODD',
    '/outbox/ODD',
    '/app/ODD',
    '/ODD',
    '/assets/../ODD',
    '/docs/..%2f..%2fpackage.json',
    '//ODD//',
  ],
  ...[
    '/api/sites/ODD',
    '/api/sites/ODD/persons?search=ODD',
    '/api/openapi.json?ODD=ODD',
    '/health/live?ODD',
    '/metrics/ODD',
    '/robots.txt',
  ],
  ...[
    '/v1/ODD',
    '/v1/batch?writeKey=ODD&writeKey=ODD&writeKey[a]=ODD',
    '/v1/track?__proto__=ODD&constructor.prototype=ODD',
    '*',
    'http://ODD/v1/t',
  ],
] as const;

const oddities = [
  ...[
    '%',
    '%zz',
    '%00',
    '%0d%0aX: y',
    '%c0%af',
    '%ed%a0%80',
    '%2e%2e%2f',
    '..',
    '.',
    '',
    '\\',
    ';',
    '?',
    '#',
    '&',
    '=',
    '+',
    '[]',
    '[',
    '__proto__',
  ],
  ...[
    'constructor',
    'toString',
    "'",
    '"',
    '<script>',
    '{{',
    '${',
    '%252e',
    'x'.repeat(600),
    '%41'.repeat(200),
    'ÿ',
    '\x80',
    '0',
    '-1',
    '1e400',
    'null',
  ],
];

const encoded = (text: string, random: Random): string =>
  random.chance(0.5) ? encodeURIComponent(text.toWellFormed()) : Buffer.from(text).toString('base64');

/** A request without a body, to somewhere, as it goes over the wire. */
export const nextAddress = (random: Random, pool: Pool, writeKey: string): Buffer => {
  const fillIn = (name: string): string => {
    if (name === 'KEY') return writeKey;
    if (name === 'EVENT') return encoded(eventText(random, pool, random.hex(8), new Date().toISOString()), random);
    return random.chance(0.8) ? random.pick(oddities) : encoded(random.pick(pool.values), random);
  };
  const address = random.pick(forms).replace(/KEY|EVENT|ODD/g, fillIn);
  const headers = [
    'Host: a',
    ...(random.chance(0.2) ? [`Origin: ${random.pick(oddities)}`] : []),
    ...(random.chance(0.2) ? [`Cookie: desirepath_session=${random.pick(oddities)}; ${random.pick(oddities)}`] : []),
    ...(random.chance(0.2)
      ? [`Authorization: ${random.pick(['Bearer', 'Basic', 'Digest', ''])} ${random.pick(oddities)}`]
      : []),
    ...(random.chance(0.2) ? [`If-None-Match: ${random.pick(oddities)}`] : []),
    ...(random.chance(0.2) ? [`Range: bytes=${random.pick(oddities)}`] : []),
    ...(random.chance(0.2) ? [`Access-Control-Request-Headers: ${random.pick(oddities)}`] : []),
    ...(random.chance(0.2) ? [`Content-Encoding: ${random.pick(['gzip', 'br', ...oddities])}`] : []),
    'Connection: close',
  ];
  return Buffer.from(`${random.pick(methods)} ${address} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`, 'latin1');
};
