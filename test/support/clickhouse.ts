import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { freePort } from './process.ts';
import { chooseWarehouse, type Needs } from './servers.ts';
import { createService, type Server } from './service.ts';

const login = 'tests:warehouse-of-the-tests';

type Opened = {
  url: string;
  /** Null where it is somebody else's. */
  server: Server | null;
  close(): Promise<void>;
};

/** The engine behind ClickHouse's HTTP protocol, in a process of its own. */
const startEngine = async (): Promise<Opened> => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-clickhouse-'));
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${login}@${host}/default`;
  const server = await createService({
    name: 'engine',
    kind: 'engine',
    folder,
    environment: { CLICKHOUSE_URL: url },
    healthUrl: `http://${host}/ping`,
  });
  await server.start();
  await server.ready();
  return {
    url,
    server,
    close: async () => {
      await server.stop();
      // After a kill the engine itself, a process of that process, needs a moment to notice.
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
    },
  };
};

const open = async (needs: Needs): Promise<Opened> => {
  const source = chooseWarehouse(needs);
  switch (source.kind) {
    case 'given':
      return { url: source.url, server: null, close: async () => undefined };
    case 'docker':
      return (await import('./clickhouse-docker.ts')).startInDocker(login);
    case 'engine':
      return startEngine();
  }
};

const command = async (url: string, query: string): Promise<void> => {
  const client = createClient({ url });
  await client.command({ query }).finally(() => client.close());
};

export type TestClickHouse = Opened;

/** A ClickHouse by URL, in a database of this test alone: servers.ts says whose. */
export const startClickHouse = async (needs: Needs = {}): Promise<TestClickHouse> => {
  const { url, server, close } = await open(needs);
  const database = `desirepath_tests_${randomBytes(4).toString('hex')}`;
  await command(url, `CREATE DATABASE ${database}`);
  const own = new URL(url);
  own.pathname = `/${database}`;
  return {
    url: own.href,
    server,
    close: async () => {
      // With a server of its own the database goes anyway, and that may be dead by now.
      if (server === null) await command(url, `DROP DATABASE ${database} SYNC`);
      await close();
    },
  };
};
