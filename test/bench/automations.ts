/**
 * Automations at scale: `npm run bench -- automations`, smaller by `PEOPLE=100000 DUE=1000`. First the planner: 10,000 people whose basket was left, among 100,000 people and among
 * 1,000,000, each with a history older than anything an automation looks at. Then the performer: their mails, into an SMTP server that takes everything, against our own
 * mailer that does nothing but send the same mails to the same server over as many connections. In between the planner's first look again, without contact rules and with consent, quiet
 * hours and a cap, in a ledger that has a year's mails.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ContactRules, noContactRules } from '../../schemas/contact-rules.ts';
import { startPerformer } from '../../services/automations/performer.ts';
import { createLook } from '../../services/automations/planner.ts';
import { basketRescue } from '../../services/automations/ready-made.ts';
import { putContactRules } from '../../services/automations/scene.ts';
import { createConfig, readEnvironment } from '../../services/platform/config.ts';
import type { Mail } from '../../services/platform/mail/mailer.ts';
import { createPlatform, type Platform } from '../../services/platform/platform.ts';
import { type Sql, sql, typed } from '../../services/platform/warehouse/sql.ts';
import type { Warehouse } from '../../services/platform/warehouse/warehouse.ts';
import { start as startSink } from '../../services/sink/sink.ts';
import { cpuSeconds } from './cpu.ts';

const people = Number(process.env['PEOPLE'] ?? 1_000_000);
const due = Number(process.env['DUE'] ?? 10_000);
const day = 86_400_000;
const peopleAtOnce = 25_000;
/** Of the mails that went out, so many are kept to be sent again. */
const mostMailsKept = 2000;

const openPlatform = async (smtpUrl: string): ReturnType<typeof createPlatform> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'desirepath-bench-'));
  const { platform, close } = await createPlatform(
    createConfig(
      readEnvironment({
        PORT: '0',
        PUBLIC_URL: 'https://shop.example',
        DATA_DIR: dataDir,
        ADMIN_TOKEN: 'token-of-the-bench',
        LOG_LEVEL: 'warn',
        SMTP_URL: smtpUrl,
      }),
    ),
  );
  return {
    platform,
    close: async () => {
      await close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** As a browser sends it with each event. */
const contextOf = (number: Sql): Sql => sql`
  concat(
    '{"library":{"name":"analytics.js","version":"1.70.0"},"locale":"de-DE","timezone":"Europe/',
    ['Berlin', 'Paris', 'Lisbon', 'Athens'][1 + ${number} % 4],
    '","page":{"path":"/p/', toString(${number} % 2000), '","title":"Product","url":"https://shop.example/p/', toString(${number} % 2000),
    '","referrer":"https://search.example/","search":""},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"}'
  )`;

/** Who they are and what they bought, two to five months ago. */
const histories = (first: number, count: number, now: number): Sql => sql`
  INSERT INTO events (site, timestamp, received_at, event, type, message_id, user_id, email, traits, product_id, order_id, revenue, currency, properties, context, channel)
  SELECT
    'shop',
    toDateTime64(${new Date(now - 60 * day)}, 3, 'UTC') - toIntervalMinute(number % 100000 + 60 * (3 - turn)) AS timestamp,
    timestamp,
    ['Identify', 'Product Viewed', 'Order Completed'][turn] AS event,
    if(turn = 1, 'identify', 'track'),
    concat('h-', toString(turn), '-', toString(number)),
    concat('user-', toString(number)),
    if(turn = 1, concat('user-', toString(number), '@example.com'), ''),
    if(turn = 1, concat('{"email":"user-', toString(number), '@example.com","firstName":"Ada","lastName":"Lovelace","consent":true}'), ''),
    if(turn = 2, concat('product-', toString(number % 2000)), ''),
    if(turn = 3, concat('order-', toString(number)), ''),
    if(turn = 3, toDecimal64(20 + number % 300, 4), NULL),
    'EUR',
    '{"list":"home","position":3}',
    ${contextOf(sql`number`)},
    'browser'
  FROM (SELECT number, arrayJoin([1, 2, 3]) AS turn FROM numbers(${typed('UInt64', first)}, ${typed('UInt64', count)}))`;

/** Two things put into a basket, two hours ago, by some of all. */
const baskets = (everyone: number, now: number): Sql => sql`
  INSERT INTO events (site, timestamp, received_at, event, type, message_id, user_id, product_id, product_name, price, quantity, cart_id, currency, properties, context, channel)
  SELECT
    'shop',
    toDateTime64(${new Date(now - day / 12)}, 3, 'UTC') - toIntervalSecond(number % 3000 + turn) AS timestamp,
    timestamp,
    'Product Added',
    'track',
    concat('b-', toString(turn), '-', toString(number)),
    concat('user-', toString(number * ${typed('UInt64', Math.floor(everyone / due))})),
    concat('product-', toString(number % 2000 + turn)),
    concat('Product number ', toString(number % 2000 + turn)),
    toDecimal64(19.9, 4),
    1,
    concat('cart-', toString(number)),
    'EUR',
    '{"url":"https://shop.example/p/1","image_url":"https://shop.example/i/1.jpg"}',
    ${contextOf(sql`number`)},
    'browser'
  FROM (SELECT number, arrayJoin([1, 2]) AS turn FROM numbers(${typed('UInt64', due)}))`;

/** A mail of another automation to each of them within the last year, one after the other. */
const ledgerRows = (
  { first, count, everyone }: { first: number; count: number; everyone: number },
  now: number,
): Sql => sql`
  INSERT INTO ledger (site, action_id, automation, automation_version, step, person, user_id, occasion, phase, sequence, reason, action, at)
  SELECT
    'shop',
    concat('old-', toString(number)),
    'old',
    1,
    1,
    sipHash64('shop', 'user', concat('user-', toString(number))),
    concat('user-', toString(number)),
    concat('cart-', toString(number)),
    ['requested', 'claimed', 'handing-over', 'sent'][turn] AS phase,
    turn,
    '',
    concat('{"kind":"email","purpose":"marketing","email":"user-', toString(number), '@example.com","basket":{"items":"', randomPrintableASCII(600), '"}}'),
    toDateTime64(${new Date(now - 365 * day)}, 3, 'UTC') + toIntervalSecond(intDiv(number * 365 * 86400, ${typed('UInt64', everyone)}) + turn)
  FROM (SELECT number, arrayJoin([1, 2, 3, 4]) AS turn FROM numbers(${typed('UInt64', first)}, ${typed('UInt64', count)}))`;

const fill = async ({ warehouse, definitions }: Platform, everyone: number): Promise<void> => {
  const now = Date.now();
  for (let first = 0; first < everyone; first += peopleAtOnce)
    await warehouse.command(histories(first, Math.min(peopleAtOnce, everyone - first), now));
  await warehouse.command(baskets(everyone, now));
  const site = { id: 'shop', name: 'Shop', currency: 'EUR', timeZone: 'UTC', holdoutPercent: 0 };
  const more = { allowedOrigins: [], writeKeys: ['k'], secretKeyHashes: [] };
  await definitions.put('site', '', 'shop', { ...site, ...more }, { author: 'bench' });
  const rescue = { ...basketRescue, enabled: true, holdoutPercent: 0 };
  await definitions.put('automation', 'shop', 'rescue', rescue, { author: 'bench' });
};

/** Counts the rows that questions read. */
const counting = (platform: Platform): { counted: Platform; rows: () => number } => {
  const read = { rows: 0 };
  const warehouse: Warehouse = {
    ...platform.warehouse,
    query: async (...asked) => {
      const answer = await platform.warehouse.query(...asked);
      read.rows += answer.rowsRead;
      return answer;
    },
  };
  return { counted: { ...platform, warehouse }, rows: () => read.rows };
};

/** `own`: of this process without the engine and the mail server. */
type Time = { seconds: number; cpu: number; own: number };

const ownSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const timed = async (work: () => Promise<void>): Promise<Time> => {
  const [startedAt, before, ownBefore] = [performance.now(), cpuSeconds(process.pid), ownSeconds()];
  await work();
  return {
    seconds: (performance.now() - startedAt) / 1000,
    cpu: cpuSeconds(process.pid) - before,
    own: ownSeconds() - ownBefore,
  };
};

type Look = Time & { name: string; rows: number };

const createLooks = (platform: Platform): ((name: string) => Promise<Look>) => {
  const { counted, rows } = counting(platform);
  const look = createLook(counted);
  return async (name) => {
    const before = rows();
    const time = await timed(() => look(new AbortController().signal));
    const found = { name, ...time, rows: rows() - before };
    console.log(
      `  ${name.padEnd(42)} ${found.seconds.toFixed(2)} s, CPU ${found.cpu.toFixed(2)} s, ${(found.rows / 1e6).toFixed(2)} M rows read`,
    );
    return found;
  };
};

const startMailSink = async () => {
  const child: ChildProcess = fork(new URL('./mail-sink.ts', import.meta.url));
  const ask = async <T>(): Promise<T> => (await once(child, 'message'))[0] as T;
  const { port } = await ask<{ port: number }>();
  return {
    url: `smtp://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    mails: async () => {
      child.send('count');
      return (await ask<{ mails: number }>()).mails;
    },
    close: () => child.disconnect(),
  };
};
type MailSink = Awaited<ReturnType<typeof startMailSink>>;

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await delay(50);
};

/** Where `mailer` sends, the mails are kept on the way. */
const keeping = (platform: Platform): { kept: Mail[]; watched: Platform } => {
  const kept: Mail[] = [];
  const { mailer } = platform;
  const send: typeof mailer.send = (mail, beforeHandOver) => {
    if (kept.length < mostMailsKept) kept.push(mail);
    return mailer.send(mail, beforeHandOver);
  };
  return { kept, watched: { ...platform, mailer: { ...mailer, send } } };
};

const said = (mails: number, { seconds, cpu, own }: Time, serverCpu: number): string => {
  const each = (used: number): string => `${((used / mails) * 1000).toFixed(2)} ms`;
  return `${(mails / seconds).toFixed(0)} mails/s (${seconds.toFixed(1)} s; CPU for a mail: ${each(own)} here, ${each(cpu - own - serverCpu)} in the engine, ${each(serverCpu)} in the mail server)`;
};

/** The mailer alone: as many mails under way at a time as keep its connections busy. */
const sendBare = async ({ mailer }: Platform, mails: readonly Mail[], count: number): Promise<void> => {
  const next = { index: 0 };
  const worker = async (): Promise<void> => {
    while (next.index < count) {
      const mail = mails[next.index++ % mails.length];
      if (mail === undefined) return;
      const { kind } = await mailer.send(mail, async () => undefined);
      if (kind !== 'accepted') throw new Error(`a mail was ${kind}`);
    }
  };
  await Promise.all(Array.from({ length: 100 }, worker));
};

const perform = async (platform: Platform, sink: MailSink): Promise<void> => {
  const { kept, watched } = keeping(platform);
  const events = await startSink(platform);
  const sinkBefore = cpuSeconds(sink.pid);
  const running: { performer?: Awaited<ReturnType<typeof startPerformer>> } = {};
  const time = await timed(async () => {
    running.performer = await startPerformer(watched);
    await until(async () => (await sink.mails()) >= due);
  });
  const sinkAfter = cpuSeconds(sink.pid);
  console.log(`  performer     ${said(due, time, sinkAfter - sinkBefore)} (to reach: 500)`);
  await running.performer?.close();
  await until(async () => (await platform.log.lag('events', 'sink')) === 0);
  await events.close();
  const bare = await timed(() => sendBare(platform, kept, due));
  console.log(`  mailer alone  ${said(due, bare, cpuSeconds(sink.pid) - sinkAfter)}`);
  console.log(`  performer / mailer alone = ${((bare.seconds / time.seconds) * 100).toFixed(0)} %`);
};

/** While nothing of it is in the ledger: by planners that know of nothing, their actions counted and not put on the log. Leaves things as they were. */
const lookWithRules = async (platform: Platform, everyone: number): Promise<void> => {
  const { warehouse, log } = platform;
  const now = Date.now();
  for (let first = 0; first < everyone; first += peopleAtOnce)
    await warehouse.command(ledgerRows({ first, count: Math.min(peopleAtOnce, everyone - first), everyone }, now));
  // Merging what was just written would count as the first look's.
  await until(async () => {
    const { rows } = await warehouse.query(
      sql`SELECT count() AS merges FROM system.merges WHERE table = 'ledger'`,
      z.object({ merges: z.coerce.number() }),
    );
    return rows[0]?.merges === 0;
  });
  const appended = { actions: 0 };
  const append: typeof log.append = async (_topic, records) => {
    appended.actions += records.length;
  };
  const lookOnce = async (name: string): Promise<Look> => {
    appended.actions = 0;
    const found = await createLooks({ ...platform, log: { ...log, append } })(name);
    if (appended.actions !== due) throw new Error(`${appended.actions} actions instead of ${due}`);
    return found;
  };
  const bare = await lookOnce('without contact rules');
  const nightFrom = (new Date(now).getUTCHours() + 12) % 24;
  const rules = ContactRules.parse({
    consentTrait: 'traits.consent',
    quietHours: { from: nightFrom, to: (nightFrom + 6) % 24 },
    cap: { mails: 3, seconds: 30 * 86_400 },
  });
  await putContactRules(platform, 'shop', rules, { author: 'bench' });
  const ruled = await lookOnce('with consent, quiet hours and a cap');
  await putContactRules(platform, 'shop', noContactRules, { author: 'bench' });
  await warehouse.command(sql`TRUNCATE TABLE ledger`);
  console.log(
    `  with the rules: ${(ruled.seconds / bare.seconds).toFixed(2)} times the seconds, ${(ruled.cpu / bare.cpu).toFixed(2)} times the CPU, ${(ruled.rows / bare.rows).toFixed(2)} times the rows read (to reach: 3 times, and 10 s)`,
  );
};

const sink = await startMailSink();
const firsts: Look[] = [];
for (const everyone of [people / 10, people]) {
  const { platform, close } = await openPlatform(sink.url);
  await fill(platform, everyone);
  console.log(`${everyone} people, ${due} due`);
  const look = createLooks(platform);
  firsts.push(await look('first look: all are due (to reach: 10 s)'));
  const planned = await platform.log.lag('actions', 'nobody');
  if (planned !== due) throw new Error(`${planned} actions instead of ${due}`);
  await look('second look: all are on the log');
  if (everyone === people) {
    await lookWithRules(platform, everyone);
    await perform(platform, sink);
    await look('third look: all are in the ledger');
  }
  await close();
}
const [few, many] = firsts;
console.log(
  `10 times the people: ${((many?.cpu ?? 0) / (few?.cpu ?? 1)).toFixed(2)} times the CPU, ${((many?.rows ?? 0) / (few?.rows ?? 1)).toFixed(2)} times the rows read`,
);
sink.close();
