import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './process.ts';
import { adminToken, eventually } from './product.ts';
import { onSmallDisk } from './small-disk.ts';

const main = new URL('../../services/main.ts', import.meta.url).pathname;
const secretKey = 'secret-key-of-the-tests-0123456789abcdef';

export type Service = {
  name: string;
  base: string;
  port: number;
  dataDir: string;
  pid(): number;
  output(): string;
  isRunning(): boolean;
  start(): Promise<void>;
  /** Resolves when /health/ready says so. */
  ready(): Promise<void>;
  kill9(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
};

/** The services in processes of their own, as on a cluster: brokers and the warehouse are others'. Nothing is started yet. */
export const createApart = async (options: {
  brokers: readonly string[];
  folder: string;
  environment?: Readonly<Record<string, string>>;
}) => {
  const warehouseUrl = `http://tests:warehouse-of-the-tests@127.0.0.1:${await freePort()}/default`;
  const services: Service[] = [];

  /** `diskBytes`: what its DATA_DIR has room for. */
  const create = async (name: string, kind: string, diskBytes?: number): Promise<Service> => {
    const port = await freePort();
    const dataDir = join(options.folder, name);
    mkdirSync(dataDir, { recursive: true });
    const state = { child: null as ChildProcess | null, output: [] as string[] };
    const isRunning = (): boolean =>
      state.child !== null && state.child.exitCode === null && state.child.signalCode === null;
    const end = async (signal: NodeJS.Signals): Promise<number | null> => {
      const { child } = state;
      if (child === null) return null;
      child.kill(signal);
      if (isRunning()) await once(child, 'exit');
      return child.exitCode;
    };
    const service: Service = {
      name,
      port,
      dataDir,
      base: `http://127.0.0.1:${port}`,
      pid: () => state.child?.pid ?? 0,
      output: () => state.output.join(''),
      isRunning,
      start: async () => {
        const node = [process.execPath, main, kind];
        const [command = '', ...args] = diskBytes === undefined ? node : onSmallDisk(dataDir, diskBytes, node);
        state.child = spawn(command, args, {
          env: {
            PATH: process.env['PATH'] ?? '',
            PORT: String(port),
            DATA_DIR: dataDir,
            ADMIN_TOKEN: adminToken,
            SECRET_KEY: secretKey,
            CLICKHOUSE_URL: warehouseUrl,
            KAFKA_BROKERS: options.brokers.join(','),
            KAFKA_PARTITIONS: '4',
            KAFKA_TOPIC_PREFIX: 'tests',
            ...options.environment,
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        const take = (chunk: Buffer): void => void state.output.push(chunk.toString());
        state.child.stdout?.on('data', take);
        state.child.stderr?.on('data', take);
      },
      ready: () =>
        eventually(async () => {
          if (!isRunning()) throw new Error(`${name} ended: ${service.output()}`);
          if (kind === 'engine') {
            if (!(await fetch(`${new URL(warehouseUrl).origin.replace(/\/\/.*@/, '//')}/ping`)).ok)
              throw new Error('not yet');
            return;
          }
          // On a disk that is nearly full it never counts as ready.
          const path = diskBytes === undefined ? '/health/ready' : '/health/live';
          const response = await fetch(`http://127.0.0.1:${port}${path}`);
          if (!response.ok) throw new Error(`${name}: ${await response.text()}\n${service.output().slice(-2000)}`);
        }, 60),
      kill9: async () => {
        await end('SIGKILL');
      },
      signal: (signal) => void state.child?.kill(signal),
      stop: () => end('SIGTERM'),
    };
    services.push(service);
    return service;
  };

  return {
    create,
    warehouseUrl,
    start: async (...which: readonly Service[]): Promise<void> => {
      await Promise.all(which.map((service) => service.start()));
      await Promise.all(which.map((service) => service.ready()));
    },
    close: async (): Promise<void> => {
      await Promise.all(services.map((service) => service.kill9()));
    },
  };
};
