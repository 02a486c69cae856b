import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import { type Client, TrackingAnswer } from './client.ts';
import type { Step } from './session.ts';
import { simulateDays } from './shoppers.ts';

/** Events of one request: a batch as import scripts send them. */
const batchEvents = 500;
/** Requests under way at once. */
const parallelRequests = 3;
const dayMilliseconds = 86_400_000;

/**
 * How far the history is. The range is fixed when it is begun, so that a load that broke off goes on with the same events;
 * those that were sent before have the same ids and count once.
 */
const Progress = z.object({
  seed: z.number().int(),
  from: z.number().int(),
  to: z.number().int(),
  baseUrl: z.string(),
  daysLoaded: z.number().int(),
  isComplete: z.boolean(),
});
export type Progress = z.infer<typeof Progress>;

const fileOf = (folder: string): string => join(folder, 'history.json');

const readProgress = async (folder: string): Promise<Progress | null> => {
  try {
    return Progress.parse(JSON.parse(await readFile(fileOf(folder), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

const writeProgress = async (folder: string, progress: Progress): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const draft = `${fileOf(folder)}.new`;
  await writeFile(draft, `${JSON.stringify(progress)}\n`);
  await rename(draft, fileOf(folder));
};

/** A device's events together: they are one record of the log then. */
const batchesOf = (steps: readonly Step[]): Step['message'][][] => {
  const sorted = steps
    .map(({ message }) => message)
    .toSorted((a, b) => ((a.anonymousId ?? a.userId ?? '') < (b.anonymousId ?? b.userId ?? '') ? -1 : 1));
  const batches: Step['message'][][] = [];
  for (let at = 0; at < sorted.length; at += batchEvents) batches.push(sorted.slice(at, at + batchEvents));
  return batches;
};

const sendDay = async (client: Client, secretKey: string, steps: readonly Step[]): Promise<void> => {
  const waiting = batchesOf(steps);
  const worker = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift())
      await client.call('POST', '/v1/import', TrackingAnswer, { body: { batch }, key: secretKey });
  };
  await Promise.all(Array.from({ length: parallelRequests }, worker));
};

/**
 * Loads the days before `now` through the import route, once: a second call finds it complete, a call after a crash goes on
 * with the day that was under way. Answers how many events were sent now.
 */
export const loadHistory = async (deps: {
  client: Client;
  secretKey: string;
  /** Where progress is kept. */
  folder: string;
  seed: number;
  days: number;
  now: number;
  baseUrl: string;
  signal: AbortSignal;
  /** Days loaded and days in all. */
  progress: (loaded: number, days: number) => void;
}): Promise<number> => {
  const { client, secretKey, folder, seed, days, now, baseUrl, signal } = deps;
  const begun = await readProgress(folder);
  if (begun?.isComplete || (begun === null && days === 0)) return 0;
  const state = begun ?? {
    seed,
    from: now - days * dayMilliseconds,
    to: now,
    baseUrl,
    daysLoaded: 0,
    isComplete: false,
  };
  if (begun === null) await writeProgress(folder, state);
  const all = Math.ceil((state.to - state.from) / dayMilliseconds);
  let day = 0;
  let sent = 0;
  for (const steps of simulateDays(state)) {
    signal.throwIfAborted();
    // Making a day takes about 20 ms: the server gets its turn in between.
    await breathe();
    day++;
    if (day <= state.daysLoaded) continue;
    await sendDay(client, secretKey, steps);
    sent += steps.length;
    await writeProgress(folder, { ...state, daysLoaded: day, isComplete: day === all });
    deps.progress(day, all);
  }
  return sent;
};
