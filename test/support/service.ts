import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { adminToken } from './api.ts';
import { freePort } from './process.ts';
import { eventually } from './product.ts';
import { onSmallDisk } from './small-disk.ts';

const main = new URL('../../services/main.ts', import.meta.url).pathname;
const secretKey = 'secret-key-of-the-tests-0123456789abcdef';

/** Something that a test kills and starts again, on the same data and at the same address. */
export type Server = {
  name: string;
  output(): string;
  start(): Promise<void>;
  /** Resolves when it answers. */
  ready(): Promise<void>;
  kill9(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
};

export type Service = Server & {
  base: string;
  port: number;
  dataDir: string;
  pid(): number;
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
};

/** `node services/main.ts <kind>` in a process of its own, not yet started. `ready` asks /health/ready unless told what else. */
export const createService = async (options: {
  name: string;
  kind: string;
  folder: string;
  environment: Readonly<Record<string, string>>;
  /** What its DATA_DIR has room for. */
  diskBytes?: number;
  healthUrl?: string;
}): Promise<Service> => {
  const { name, kind, diskBytes } = options;
  const port = await freePort();
  const dataDir = join(options.folder, name);
  mkdirSync(dataDir, { recursive: true });
  const base = `http://127.0.0.1:${port}`;
  // On a disk that is nearly full it never counts as ready.
  const healthUrl = options.healthUrl ?? `${base}/health/${diskBytes === undefined ? 'ready' : 'live'}`;
  const state = { child: null as ChildProcess | null, output: [] as string[] };
  const output = (): string => state.output.join('');
  const isRunning = (): boolean =>
    state.child !== null && state.child.exitCode === null && state.child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const { child } = state;
    if (child === null) return null;
    child.kill(signal);
    if (isRunning()) await once(child, 'exit');
    return child.exitCode;
  };
  return {
    name,
    port,
    dataDir,
    base,
    pid: () => state.child?.pid ?? 0,
    output,
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
        if (!isRunning()) throw new Error(`${name} ended: ${output()}`);
        const response = await fetch(healthUrl);
        if (!response.ok) throw new Error(`${name}: ${await response.text()}\n${output().slice(-2000)}`);
      }, 60),
    kill9: async () => {
      await end('SIGKILL');
    },
    signal: (signal) => void state.child?.kill(signal),
    stop: () => end('SIGTERM'),
  };
};
