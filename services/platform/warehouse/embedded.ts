import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Telemetry } from '../telemetry.ts';
import type { EngineStart, EngineStarted } from './engine-process.ts';
import { loginOf } from './target.ts';

export type EmbeddedEngine = {
  /** `http://user:password@127.0.0.1:port/default`; stays the same when the engine is started again after a crash. */
  url: string;
  /** Of the engine's process; 0 while it is being started again. */
  pid(): number;
  close(): Promise<void>;
};

/** Waits between two starts of an engine that crashes at once: doubles from the first to the last. */
const firstRestartMilliseconds = 100;
const longestRestartMilliseconds = 10_000;
/** An engine that ran for this long is started again without waiting. */
const stableMilliseconds = 30_000;
const stopMilliseconds = 8_000;
/** Opening a full data directory takes seconds; an engine that says nothing for this long never will. */
const startMilliseconds = 120_000;

const program = new URL('./engine-process.ts', import.meta.url).pathname;

/** After a kill -9 of the product its engine needs a moment to notice and to let go of the folder. */
const takeOverMilliseconds = 15_000;
const takeOverPauseMilliseconds = 150;
/** Of what the engine writes to stderr, so much is kept to explain a failure. */
const keptOutput = 2000;

const launchWhenFree = async (settings: EngineStart): Promise<{ child: ChildProcess; port: number }> => {
  const deadline = performance.now() + takeOverMilliseconds;
  for (;;) {
    try {
      return await launch(settings);
    } catch (error) {
      if (performance.now() > deadline || !/lock|already running/i.test(String(error))) throw error;
      await delay(takeOverPauseMilliseconds);
    }
  }
};

const launch = async (settings: EngineStart): Promise<{ child: ChildProcess; port: number }> => {
  const child = fork(program, [], {
    // No environment but what a process needs: the engine knows no secret of ours.
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC', UV_THREADPOOL_SIZE: '12', LANG: 'C.UTF-8' },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-keptOutput);
  });
  child.send(settings);
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code, signal]) => [{ kind: 'failed', reason: `it ended (${code ?? signal})` }]),
    delay(startMilliseconds, [{ kind: 'failed', reason: `no word for ${startMilliseconds / 1000} s` }], { ref: false }),
  ])) as [EngineStarted];
  if (message.kind === 'failed') {
    child.kill('SIGKILL');
    throw new Error(`The ClickHouse engine did not start on ${settings.path}: ${message.reason}\n${output}`);
  }
  return { child, port: message.port };
};

const listenAt = (url: string | undefined): Omit<EngineStart, 'path'> => {
  if (url === undefined) {
    const password = randomBytes(24).toString('base64url');
    return { host: '127.0.0.1', port: 0, user: 'desirepath', password, database: 'default' };
  }
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 8123), ...loginOf(url) };
};

/**
 * The ClickHouse engine (npm `chdb`) in a process of its own, on one data directory. When it crashes it is started again on the
 * same port; requests in between are refused by the network and reach callers as `unavailable`.
 */
export const createEmbeddedEngine = async (options: {
  path: string;
  telemetry: Telemetry;
  /** Where others find it, e.g. `http://user:password@127.0.0.1:8123/default`; a free port of this machine and a password of its own unless said. */
  url?: string;
}): Promise<EmbeddedEngine> => {
  const { logger } = options.telemetry;
  mkdirSync(options.path, { recursive: true, mode: 0o700 });
  const { port, ...settings } = { path: options.path, ...listenAt(options.url) };
  const first = await launchWhenFree({ ...settings, port });
  const state = { child: first.child as ChildProcess | null, isClosing: false, startedAt: performance.now() };

  const restart = async (): Promise<void> => {
    let wait = performance.now() - state.startedAt > stableMilliseconds ? 0 : firstRestartMilliseconds;
    while (!state.isClosing) {
      await delay(wait);
      if (state.isClosing) return;
      try {
        const { child } = await launchWhenFree({ ...settings, port: first.port });
        // Closed in the meantime: nobody else knows of this one.
        if (state.isClosing) {
          child.kill('SIGKILL');
          return;
        }
        state.child = child;
        state.startedAt = performance.now();
        watch(child);
        logger.warn({ pid: child.pid }, 'the engine runs again');
        return;
      } catch (error) {
        logger.error({ err: error }, 'the engine did not start');
        wait = Math.min(longestRestartMilliseconds, Math.max(wait, firstRestartMilliseconds) * 2);
      }
    }
  };
  const watch = (child: ChildProcess): void => {
    child.once('exit', (code, signal) => {
      state.child = null;
      if (state.isClosing) return;
      logger.error({ code, signal }, 'the engine ended unexpectedly');
      void restart();
    });
  };
  watch(first.child);

  return {
    url: options.url ?? `http://${settings.user}:${settings.password}@127.0.0.1:${first.port}/default`,
    pid: () => state.child?.pid ?? 0,
    close: async () => {
      state.isClosing = true;
      const { child } = state;
      if (child === null) return;
      const ended = once(child, 'exit');
      child.send('stop');
      const kill = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds);
      await ended;
      clearTimeout(kill);
    },
  };
};
