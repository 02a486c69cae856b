import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress, lookupPublic, PrivateAddress } from '../../platform/public-address.ts';

const timeoutMilliseconds = 10_000;
/** Of an answer, so much is read; nothing in it matters. */
const mostAnswerBytes = 64 * 1024;

/** `isGone`: the receiver wants no more of it (410). */
export type WebhookResult = { isTaken: boolean; isGone: boolean; said: string };

/** What a receiver checks signatures with: `whsec_` and the key in base 64 (Standard Webhooks). */
export const secretText = (key: Buffer): string => `whsec_${key.toString('base64')}`;

/** The headers of a message, https://www.standardwebhooks.com: who knows one of the keys can check id, time and body together. */
export const signedHeaders = (
  keys: readonly Buffer[],
  id: string,
  seconds: number,
  body: string,
): Record<string, string> => ({
  'content-type': 'application/json',
  'webhook-id': id,
  'webhook-timestamp': String(seconds),
  'webhook-signature': keys
    .map((key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`)
    .join(' '),
});

/**
 * Posts to an address that somebody typed in, so that nothing inside our network can be reached by it: every connection goes to a public address that was
 * looked at, redirects are not followed. `privateHosts`: names (or `name:port`) that an operator has listed all the same.
 */
export const postWebhook = (
  address: string,
  message: { headers: Readonly<Record<string, string>>; body: string },
  privateHosts: readonly string[],
): Promise<WebhookResult> => {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isListed = privateHosts.includes(host) || privateHosts.includes(url.host);
  const failed = (said: string): WebhookResult => ({ isTaken: false, isGone: false, said });
  if (!isListed && isIP(host) !== 0 && !isPublicAddress(host))
    return Promise.resolve(failed(new PrivateAddress(host).message));
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const state = { isAnswered: false };
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const fail = (error: Error): void =>
      resolve(failed(signal.aborted ? `no answer for ${timeoutMilliseconds / 1000} s` : error.message));
    const sent = request(
      url,
      {
        method: 'POST',
        // Each message has a connection of its own: one that is kept open was looked at once only.
        agent: false,
        signal,
        ...(isListed ? {} : { lookup: lookupPublic as never }),
        headers: {
          ...message.headers,
          'user-agent': 'Desirepath',
          'content-length': String(Buffer.byteLength(message.body)),
        },
      },
      (answer) => {
        state.isAnswered = true;
        const status = answer.statusCode ?? 0;
        const isTaken = status >= 200 && status < 300;
        const isRedirect = status >= 300 && status < 400;
        let bytes = 0;
        const done = (): void =>
          resolve({
            isTaken,
            isGone: status === 410,
            said: `HTTP ${status}${isRedirect ? ': redirects are not followed' : ''}`,
          });
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= mostAnswerBytes) return;
          done();
          sent.destroy();
        });
        answer.on('end', done);
        answer.on('error', fail);
      },
    );
    sent.on('error', fail);
    sent.on('upgrade', ({ statusCode }, socket) => {
      socket.destroy();
      fail(new Error(`HTTP ${statusCode}: another protocol is not spoken`));
    });
    // An answer that has begun ends, or fails, by itself, and perhaps after this.
    sent.on('close', () => {
      if (!state.isAnswered) fail(new Error('the receiver closed the connection without an answer'));
    });
    sent.end(message.body);
  });
};
