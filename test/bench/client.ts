/**
 * A client of its own process: sends batches of 20 events to the collector on as many connections for so many seconds, as fast as they are
 * acknowledged or at a rate. Prints JSON: `acknowledged` (events), `p50` and `p99` (milliseconds until the answer). Ids are written over
 * a template, eight letters each, so that it takes little of the cores that it shares with what it measures.
 */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createSampleBatch } from './sample-batch.ts';

const [port = 0, seconds = 0, eventsPerSecond = 0] = process.argv.slice(2).map(Number);
const [writeKey = ''] = process.argv.slice(5);
const connections = 24;
const eventsOfBatch = 20;

const agent = new Agent({ keepAlive: true, maxSockets: connections });
const body = createSampleBatch().replace('"writeKey":"bench"', `"writeKey":${JSON.stringify(writeKey)}`);
const places = [...body.matchAll(/ajs-next|0b7f5c1e/g)].map(({ index }) => index);

const post = (bytes: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/batch', headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve(answer.statusCode === 200 ? (JSON.parse(text) as { accepted: number }).accepted : 0),
      );
    });
    sent.on('error', reject);
    sent.end(bytes);
  });

const startedAt = performance.now();
/** Where ids begin: no two runs have the same ones. */
const first = Math.floor(Math.random() * 0xf000_0000);
const state = { number: 0, acknowledged: 0 };
const took: number[] = [];

/** At a rate, a batch has its time; one that comes late does not make the next ones wait. */
const untilDue = async (batch: number): Promise<void> => {
  if (eventsPerSecond === 0) return;
  const due = startedAt + (batch * eventsOfBatch * 1000) / eventsPerSecond;
  if (due > performance.now()) await delay(due - performance.now());
};

const send = async (): Promise<void> => {
  while (performance.now() - startedAt < seconds * 1000) {
    const number = state.number++;
    await untilDue(number);
    const bytes = Buffer.from(body);
    const id = (first + number).toString(16).padStart(8, '0');
    for (const place of places) bytes.write(id, place);
    const sentAt = performance.now();
    const accepted = await post(bytes);
    state.acknowledged += accepted;
    took.push(performance.now() - sentAt);
  }
};

await Promise.all(Array.from({ length: connections }, send));
took.sort((a, b) => a - b);
const quantile = (share: number): number =>
  took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
console.log(JSON.stringify({ acknowledged: state.acknowledged, p50: quantile(0.5), p99: quantile(0.99) }));
process.exit(0);
