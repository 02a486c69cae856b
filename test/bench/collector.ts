/**
 * The collector, durable, against a bare Fastify route that only parses the same body (a batch of 20 events, 17 KB), in one run:
 * `node test/bench/collector.ts`. Servers take turns in a process each; the client is another.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastify from 'fastify';
import { runClient } from './run-client.ts';
import { createSampleBatch } from './sample-batch.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 4);
const rounds = 3;
const writeKey = 'bench';

const startBare = async (): Promise<number> => {
  const app = fastify({ bodyLimit: 4 * 1024 * 1024 });
  app.post('/v1/batch', async (request) => ({ accepted: (request.body as { batch: unknown[] }).batch.length }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as { port: number }).port;
};

/** The real route on the real log; the sites come from memory, so that no engine takes part in the measurement. */
const startCollector = async (folder: string): Promise<number> => {
  const { createEmbeddedLog } = await import('../../services/platform/log/embedded.ts');
  const { systemClock: clock } = await import('../../services/platform/clock.ts');
  const { createTelemetry } = await import('../../services/platform/telemetry.ts');
  const { createHttpServer } = await import('../../services/platform/http/server.ts');
  const { start } = await import('../../services/collector/collector.ts');
  const telemetry = createTelemetry({ logLevel: 'error' });
  const config = { port: 0, host: '127.0.0.1', publicUrl: null } as never;
  const http = createHttpServer(config, telemetry);
  const log = await createEmbeddedLog({ path: folder, clock, telemetry });
  const site = { id: 'shop', writeKeys: [writeKey], secretKeyHashes: [], allowedOrigins: [] };
  const definitions = { list: async () => [{ document: site }] };
  await start({ http, log, clock, telemetry, definitions, config } as never);
  return http.listen();
};

const startServer = async (kind: string, folder: string) => {
  const child = fork(fileURLToPath(import.meta.url), [kind, folder], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [port] = (await once(child, 'message')) as [number];
  return { port, stop: () => child.kill('SIGKILL') };
};

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const compare = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'desirepath-bench-'));
  try {
    console.log(`batches of 20 events, ${createSampleBatch().length} bytes; ${seconds} s, ${rounds} rounds`);
    const rates: Record<string, number[]> = { bare: [], collector: [] };
    for (let round = 0; round < rounds; round += 1)
      for (const kind of ['bare', 'collector']) {
        const server = await startServer(kind, join(folder, `log-${round}`));
        const { acknowledged, p99 } = await runClient({ port: server.port, seconds, writeKey });
        server.stop();
        rates[kind]?.push(acknowledged / seconds);
        console.log(`${kind.padEnd(10)} ${(acknowledged / seconds).toFixed(0)} events/s, p99 ${p99.toFixed(1)} ms`);
      }
    const [bare, collector] = [median(rates['bare'] ?? []), median(rates['collector'] ?? [])];
    console.log(`collector / bare = ${((collector / bare) * 100).toFixed(0)} % (to reach: 50 %)`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const [kind, folder = ''] = process.argv.slice(2);
if (kind === 'bare') process.send?.(await startBare());
else if (kind === 'collector') process.send?.(await startCollector(folder));
else await compare();
