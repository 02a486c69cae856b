import { spawn } from 'node:child_process';

const script = new URL('./client.ts', import.meta.url).pathname;

export type ClientFigures = {
  /** Events that were answered with 200. */
  acknowledged: number;
  /** Milliseconds until the answer. */
  p50: number;
  p99: number;
};

/** Runs client.ts in a process of its own; `eventsPerSecond` 0: as fast as it is answered. `started` is told its process id. */
export const runClient = async (
  options: { port: number; seconds: number; writeKey: string; eventsPerSecond?: number },
  started: (pid: number) => void = () => undefined,
): Promise<ClientFigures> => {
  const { port, seconds, writeKey, eventsPerSecond = 0 } = options;
  const child = spawn(process.execPath, [script, `${port}`, `${seconds}`, `${eventsPerSecond}`, writeKey], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started(child.pid ?? 0);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(output) as ClientFigures;
};
