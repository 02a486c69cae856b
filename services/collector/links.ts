import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { IntakeHeader } from '../../schemas/event.ts';
import { Failure } from '../platform/failure.ts';
import type { LogRecord } from '../platform/log/log.ts';
import type { Platform } from '../platform/platform.ts';
import { type SuppressionNote, suppress } from '../platform/suppressions.ts';
import { createTokens } from '../platform/tokens.ts';
import { pixelGif } from './pixel.ts';

/** What links of our mails carry: site, user, action, automation; and where a click leads or whose address is meant. */
const Who = { s: z.string(), u: z.string(), a: z.string(), m: z.string() };
const Click = z.object({ ...Who, to: z.url({ protocol: /^https?$/ }) });
const Open = z.object(Who);
const Unsubscribe = z.object({ ...Who, e: z.string() });

const page = (body: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Mails</title>
<style>:root{color-scheme:light dark}body{font:17px/1.6 system-ui,sans-serif;max-width:32rem;margin:12vh auto;padding:0 1.5rem}
button{font:inherit;font-weight:600;padding:.7rem 1.4rem;border:0;border-radius:.7rem;background:#2f6b4f;color:#fff;cursor:pointer}</style>
${body}</html>`;

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** The warehouse, where it is there, knows of an unsubscription before it is acknowledged; nobody waits longer for one that hangs. */
const noteMilliseconds = 2000;

const eventOf = (
  who: { s: string; u: string; a: string; m: string },
  what: { event: string; id: string; at: number; properties: object },
): LogRecord => {
  const header: IntakeHeader = {
    v: 1,
    site: who.s,
    receivedAt: what.at,
    sentAt: null,
    channel: 'internal',
    type: null,
    ip: '',
    userAgent: '',
  };
  const event = {
    type: 'track',
    event: what.event,
    messageId: what.id,
    userId: who.u,
    timestamp: new Date(what.at).toISOString(),
    properties: { email_id: who.a, campaign_id: who.m, ...what.properties },
  };
  return {
    key: `${who.s}/${who.u}`,
    label: who.s,
    count: 1,
    value: Buffer.from(`${JSON.stringify(header)}\n${JSON.stringify(event)}`),
  };
};

/**
 * The links in our mails. GET /o/:token is a picture that tells of an opening. GET /c/:token leads where we signed and nowhere else. GET /u/:token shows a button and changes nothing (programs look into links
 * before people do); POST /u/:token unsubscribes, by the button or by a mail program's one click (RFC 8058), which nobody repeats: it is
 * acknowledged once it is on the log, from where the sink notes it too (services/sink/unsubscribed.ts).
 */
export const mountLinks = async (platform: Platform): Promise<void> => {
  const { http, log, clock, config, warehouse, telemetry } = platform;
  const tokens = createTokens(config.secretKey, clock);

  await http.app.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 10_000 }, (_request, body, done) => done(null, body));

    // `*`, not `:token`: a named parameter ends at 500 characters, and an address with its campaign is longer.
    app.get<{ Params: { '*': string } }>('/c/*', async (request, reply) => {
      const click = Click.safeParse(tokens.verify('click', request.params['*']));
      if (!click.success) throw new Failure('not_found', 'This link is not one of ours.');
      const { to, ...who } = click.data;
      const at = clock.now();
      // A person clicks, a scanner of links looks: the same link within a minute counts once.
      const id = `click-${createHash('sha256').update(request.params['*']).digest('hex').slice(0, 24)}-${Math.floor(at / 60_000)}`;
      await log.append('events', [eventOf(who, { event: 'Email Link Clicked', id, at, properties: { link_url: to } })]);
      return reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store').redirect(to, 302);
    });

    app.get<{ Params: { '*': string } }>('/o/*', async (request, reply) => {
      const who = Open.safeParse(tokens.verify('open', request.params['*'].replace(/\.gif$/, '')));
      if (!who.success) throw new Failure('not_found', 'This picture is not one of ours.');
      const at = clock.now();
      // Once for each mail, however often it is looked at.
      const id = `email-opened-${who.data.a}`;
      await log.append('events', [eventOf(who.data, { event: 'Email Opened', id, at, properties: {} })]);
      return reply.header('cache-control', 'no-store').type('image/gif').send(pixelGif);
    });

    const note = async (unsubscription: SuppressionNote): Promise<void> => {
      const isNoted = new AbortController();
      const noting = suppress(warehouse, unsubscription)
        // only logged: the sink notes what the log has.
        .catch((error: unknown) => telemetry.logger.warn({ err: error }, 'an unsubscription waits for the warehouse'))
        .finally(() => isNoted.abort());
      await Promise.race([noting, clock.sleep(noteMilliseconds, isNoted.signal)]);
    };
    const readUnsubscribe = (token: string) => {
      const content = Unsubscribe.safeParse(tokens.verify('unsubscribe', token));
      if (!content.success) throw new Failure('not_found', 'This link is not one of ours.');
      return content.data;
    };
    // The way out of a sample that somebody sent themselves (services/automations/channels/email.ts): it was no mail to a person.
    const sample = page('<h1>This was a test</h1><p>In a real mail, this is the way to unsubscribe.</p>');
    app.get('/u/sample', (_request, reply) => reply.headers(pageHeaders).send(sample));
    app.post('/u/sample', (_request, reply) => reply.headers(pageHeaders).send(sample));
    app.get<{ Params: { '*': string } }>('/u/*', async (request, reply) => {
      readUnsubscribe(request.params['*']);
      return reply
        .headers(pageHeaders)
        .send(
          page(
            '<h1>No more marketing mails?</h1><p>We then write to you only what you must know, such as that an order comes late.</p><form method="post"><button>Unsubscribe</button></form>',
          ),
        );
    });
    app.post<{ Params: { '*': string } }>('/u/*', async (request, reply) => {
      const { e: address, ...who } = readUnsubscribe(request.params['*']);
      const at = clock.now();
      const noted = note({ site: who.s, address, reason: 'unsubscribed', active: true, at });
      const told = { event: 'Unsubscribed', id: `unsubscribed-${who.a}`, at, properties: { email: address } };
      await log.append('events', [eventOf(who, told)]);
      await noted;
      return reply
        .headers(pageHeaders)
        .send(
          page(
            '<h1>Done</h1><p>You get no more marketing mails. We write to you only what you must know, such as that an order comes late.</p>',
          ),
        );
    });
  });
};
