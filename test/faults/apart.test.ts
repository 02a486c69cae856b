import { expect, onTestFailed, test } from 'vitest';
import { basketRescue } from '../../services/automations/ready-made.ts';
import { between, long, oneOf, pause } from '../support/faults.ts';
import { startInstallation } from '../support/installation.ts';
import { sendUntilAcknowledged, startLoad } from '../support/load.ts';
import { createMailServer } from '../support/mail-server.ts';
import { eventually } from '../support/product.ts';
import { reckon } from '../support/reckoning.ts';
import { lacksBroker } from '../support/servers.ts';
import type { Server } from '../support/service.ts';

const rounds = long(10, 1);
const killsPerRound = long(10, 9);
/** A basket counts as abandoned after so long: short, so that mails are under way at the kills. */
const idleSeconds = 10;

type Victim = Pick<Server, 'kill9' | 'start'> & { name: string; awayMilliseconds: readonly [number, number] };
type Actions = { actions: { userId: string; phase: string }[]; nextCursor: string | null };

const leftBasket = (userId: string) => [
  { type: 'identify', userId, messageId: `${userId}-1`, traits: { email: `${userId}@example.com` } },
  {
    type: 'track',
    userId,
    messageId: `${userId}-2`,
    event: 'Product Added',
    properties: { product_id: 'tent', name: 'Tent', price: 99, currency: 'EUR' },
  },
];

test.skipIf(lacksBroker({ isKilled: true }))(
  `apart, on a real broker, through ${rounds * killsPerRound} kills of every part: nothing acknowledged is lost, nothing is stored or mailed twice`,
  { timeout: 240_000 + rounds * (60_000 + killsPerRound * 10_000) },
  async () => {
    const post = await createMailServer();
    const installation = await startInstallation({
      kills: ['brokers', 'warehouse'],
      environment: { SMTP_URL: post.url },
    });
    const { kafka, collectors, sinks, analytics, automations, warehouse, services, api, writeKey } = installation;
    onTestFailed(() => console.log(installation.output()));
    const trigger = { kind: 'abandoned-basket', idleSeconds, maxAgeSeconds: 86_400 };
    await api('POST', '/api/sites/shop/automations', { ...basketRescue, enabled: true, holdoutPercent: 0, trigger });
    const [broker] = kafka.nodes;
    if (broker === undefined || warehouse === null) throw new Error('nothing to kill');
    const quick: readonly [number, number] = [0, 1500];
    const victims: Victim[] = [
      ...[...collectors, ...sinks, ...automations, analytics, warehouse].map(
        (service): Victim => ({ ...service, awayMilliseconds: quick }),
      ),
      { name: 'broker', kill9: broker.kill9, start: broker.start, awayMilliseconds: [1000, 5000] },
    ];

    const bases = collectors.map(({ base }) => base);
    const load = startLoad(bases, writeKey);
    const people: string[] = [];
    const leaving = new AbortController();
    const shoppers = (async () => {
      for (let index = 0; !leaving.signal.aborted; index += 1) {
        const userId = `shopper-${index}`;
        if ((await sendUntilAcknowledged(bases[index % 2] ?? '', writeKey, leftBasket(userId), leaving.signal)) > 0)
          people.push(userId);
        await pause(700);
      }
    })();
    await pause(idleSeconds * 500);

    const killed = new Map<string, number>();
    for (let round = 1; round <= rounds; round += 1) {
      // The short form takes each part once, so that every run has them all; the long one whatever comes.
      const order =
        killsPerRound === victims.length ? victims : Array.from({ length: killsPerRound }, () => oneOf(victims));
      for (const victim of order) {
        await pause(between(300, 2500));
        await victim.kill9();
        killed.set(victim.name, (killed.get(victim.name) ?? 0) + 1);
        await pause(between(...victim.awayMilliseconds));
        await victim.start();
      }
      await Promise.all([warehouse, ...services].map((service) => service.ready()));
      const soFar = [...load.acknowledged];
      if (round === rounds) {
        await load.stop();
        leaving.abort();
        await shoppers;
        const stats = await reckon(installation, load.acknowledged);
        console.log(`round ${round}: ${load.acknowledged.length} acknowledged, ${JSON.stringify(stats)}`);
      } else {
        // Under load something always waits: what was acknowledged by now must be there soon.
        await eventually(async () => {
          const rows = await installation.rows<{ message_id: string }>(`SELECT message_id FROM events`);
          const kept = new Set(rows.map(({ message_id }) => message_id));
          const missing = soFar.filter(({ messageId }) => !kept.has(messageId)).length;
          if (missing > 0) throw new Error(`${missing} of ${soFar.length} acknowledged are not stored`);
        }, 120);
        console.log(`round ${round}: all of ${soFar.length} acknowledged are stored`);
      }
    }

    const actions = await eventually(async () => {
      const found: Actions['actions'] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: Actions = await api<Actions>('GET', `/api/sites/shop/actions?limit=200${after}`);
        found.push(...page.actions);
        cursor = page.nextCursor;
      }
      const over = found.filter(({ phase }) => phase === 'sent' || phase === 'uncertain');
      if (over.length < people.length) {
        const left = found.filter(({ phase }) => phase !== 'sent' && phase !== 'uncertain');
        throw new Error(`${over.length} of ${people.length} baskets answered; open: ${JSON.stringify(left)}`);
      }
      return found;
    }, 180);
    const addresses = post.mails.flatMap(({ to }) => (Array.isArray(to) ? to : [to])).flatMap((to) => to?.value ?? []);
    const mailed = addresses.map(({ address }) => address ?? '');
    const twice = mailed.filter((address, index) => mailed.indexOf(address) !== index);
    expect(twice, 'mailed twice').toEqual([]);
    const sent = actions.filter(({ phase }) => phase === 'sent').map(({ userId }) => `${userId}@example.com`);
    expect(
      sent.filter((address) => !mailed.includes(address)),
      'said to be sent and not there',
    ).toEqual([]);
    expect(actions.length, 'one action for each basket').toBe(people.length);

    const stats = await reckon(installation, load.acknowledged);
    const kills = [...killed].map(([name, times]) => `${name} ${times}`).join(', ');
    console.log(
      [
        `${rounds * killsPerRound} kills (${kills})`,
        `${load.acknowledged.length} ticks acknowledged after ${load.counts.retries} retries, ${JSON.stringify(stats)}`,
        `${people.length} baskets left: ${sent.length} sent, ${actions.length - sent.length} uncertain, ${mailed.length} mails arrived`,
      ].join('\n'),
    );
    for (const service of [...services, warehouse])
      expect(await service.stop(), `${service.name}: ${service.output().slice(-3000)}`).toBe(0);
  },
);
