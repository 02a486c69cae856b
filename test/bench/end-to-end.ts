import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runClient } from './run-client.ts';

/**
 * From HTTP until stored, on the whole product in one process tree: client processes send batches of 20 events with their own message ids as fast
 * as they are acknowledged, while funnels are asked; then what is left is waited for. Target: 25,000 events/s on two cores, and the collector's
 * event loop never held for 50 ms (p99).
 */
const seconds = Number(process.env['SECONDS'] ?? 15);
const token = 'bench-admin-token-0123456789';
const port = 18_473;
const base = `http://127.0.0.1:${port}`;
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const api = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
  (await (
    await fetch(`${base}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  ).json()) as T;

const dataDir = await mkdtemp(join(tmpdir(), 'desirepath-bench-'));
const main = new URL('../../services/main.ts', import.meta.url).pathname;
const product = spawn(process.execPath, [main], {
  env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, ADMIN_TOKEN: token, DEMO: 'false' },
  stdio: ['ignore', 'ignore', 'inherit'],
});
for (let tries = 0; tries < 200; tries += 1) {
  if (
    await fetch(`${base}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  )
    break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const { writeKeys } = await api<{ writeKeys: string[] }>('POST', '/api/sites', { id: 'bench', name: 'Bench' });

const startedAt = performance.now();
const asking = { isOver: false, asked: 0 };
const asker = (async () => {
  while (!asking.isOver) {
    const range = {
      from: new Date(Date.now() - 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000).toISOString(),
    };
    await api('POST', '/api/sites/bench/funnels/query', {
      steps: [{ event: 'Product Viewed' }, { event: 'Product Added' }, { event: 'Checkout Started' }],
      ...range,
    });
    asking.asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 5000));
  }
})();
const { acknowledged } = await runClient({ port, seconds, writeKey: writeKeys[0] ?? '' });
const sentAt = performance.now();
asking.isOver = true;
await asker;
type Stats = { received: number; stored: number; duplicate: number; waiting: number };
let stats = await api<Stats>('GET', '/api/sites/bench/ingest/stats');
const behind = stats.waiting;
while (stats.waiting > 0) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  stats = await api<Stats>('GET', '/api/sites/bench/ingest/stats');
}
const total = (performance.now() - startedAt) / 1000;
const metrics = await (await fetch(`${base}/metrics`)).text();
const loop = /^desirepath_event_loop_delay_p99_seconds ([\d.e-]+)/m.exec(metrics)?.[1];
const memory = async (pid: number | undefined) =>
  Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1] ?? 0) / 1024;
console.log(
  `${acknowledged} events acknowledged in ${((sentAt - startedAt) / 1000).toFixed(1)} s: ${Math.round(acknowledged / ((sentAt - startedAt) / 1000))} events/s`,
);
console.log(
  `${behind} waiting then; all stored after ${total.toFixed(1)} s: ${Math.round(stats.stored / total)} events/s end to end (target 25,000), ${asking.asked} funnels asked meanwhile`,
);
console.log(
  `stored ${stats.stored}, duplicates ${stats.duplicate}; acknowledged and stored ${stats.stored === acknowledged ? 'agree' : 'DIFFER'}`,
);
console.log(
  `event loop delay p99 ${loop === undefined ? 'not measured' : `${(Number(loop) * 1000).toFixed(1)} ms (target 50 at most)`}; server ${Math.round(await memory(product.pid))} MB`,
);
product.kill('SIGINT');
await new Promise((resolve) => product.once('exit', resolve));
await rm(dataDir, { recursive: true, force: true });
