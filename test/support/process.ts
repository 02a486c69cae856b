import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { adminToken } from './api.ts';
import { eventually } from './product.ts';

const main = new URL('../../services/main.ts', import.meta.url).pathname;

/** The product as a process of its own, so that it can be killed. `ready` means that it answers. */
export const spawnProduct = async (options: {
  dataDir: string;
  port: number;
  environment?: Readonly<Record<string, string>>;
}) => {
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(options.port),
      DATA_DIR: options.dataDir,
      ADMIN_TOKEN: adminToken,
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const base = `http://127.0.0.1:${options.port}`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`it ended: ${output.join('')}`);
    const response = await fetch(`${base}/health/ready`);
    if (!response.ok) throw new Error(await response.text());
  }, 60);
  return {
    base,
    pid: child.pid ?? 0,
    isRunning: (): boolean => child.exitCode === null && child.signalCode === null,
    /** What it printed, both streams. */
    output: () => output.join(''),
    /** Dies at once, as by a power cut for the process. */
    kill9: async (): Promise<void> => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
    /** Ctrl-C; answers the exit code. */
    interrupt: async (): Promise<number | null> => {
      child.kill('SIGINT');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
};

/** Ports that no system hands out by itself: whoever listens there may be killed and finds it free when it comes back. */
const ownPorts = { from: 10_000, to: 32_000 };

const canListen = async (port: number): Promise<boolean> => {
  const server = createServer();
  const listens = once(server.listen(port, '127.0.0.1'), 'listening').then(
    () => true,
    () => false,
  );
  if (!(await listens)) return false;
  server.close();
  await once(server, 'close');
  return true;
};

/** A port that is free now. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(ownPorts.from, ownPorts.to);
    if (await canListen(port)) return port;
  }
};

/** Long enough to be hung up on. */
const keptMilliseconds = 100;

/** Whether somebody takes a connection there and keeps it: in front of a container that does not listen yet, Docker takes it and hangs up. */
export const isListening = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    const answer = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => setTimeout(answer, keptMilliseconds, true));
    socket.once('error', () => answer(false));
    socket.once('end', () => answer(false));
  });
