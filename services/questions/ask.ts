import { createHash, randomUUID } from 'node:crypto';
import type { Warehouse } from '../platform/warehouse/warehouse.ts';
import { createAnswerCache, type KeptAnswer } from './answer-cache.ts';
import { fingerprint, type Span } from './fingerprint.ts';
import { isAboutPersons } from './segments/resolve.ts';
import { createTurns } from './turns.ts';

/** What questions know of a site. */
export type AskedSite = { id: string; currency: string; timeZone: string };

/** A question as a value: its function, and what has to be known of it to keep its answers. Times are milliseconds UTC. */
export type Question<Query, Answer extends object> = {
  /** As lists of running questions call it. */
  name: string;
  answer(warehouse: Warehouse, site: AskedSite, query: Query, options: { now: number }): Promise<Answer>;
  /** When the events lie that the answer is computed from; all of the site's unless said. */
  span?(query: Query): Span | null;
  /** Until when the answer stays right if no data come. Null, and unless said: it speaks of the present, and holds for a second. */
  holdsUntil?(answer: Answer, query: Query, askedAt: number): number | null;
  /** False: never kept. For what is personal and quickly answered. */
  isKept?: boolean;
};

/** How an answer came about: by asking the engine, with others who asked the same at once, or from what was kept. */
export type Source = 'engine' | 'together' | 'kept';
export type Asked<Answer> = { answer: Answer; source: Source; ageMilliseconds: number };

export type Ask = {
  /** `signal`: who asked is gone. The engine stops working on a question when all who asked it are gone. */
  ask<Query, Answer extends object>(
    question: Question<Query, Answer>,
    site: AskedSite,
    query: Query,
    signal: AbortSignal,
  ): Promise<Asked<Answer>>;
  close(): void;
};

/** That all kept answers take at most. */
const mostBytes = 64 * 1024 * 1024;
/** An answer about the present, e.g. of the last 30 days, holds for this long. */
const presentMilliseconds = 1000;
/** No answer is kept for longer: what a fingerprint does not see, e.g. a row changed by hand, is seen then. */
const mostMilliseconds = 600_000;
/** What no longer holds is forgotten within this time: it may be about a person who was erased. */
const sweepMilliseconds = 60_000;
/** Servers of a cluster agree again after this long; until then what one of them answers may be behind. */
const agreedMilliseconds = 10_000;
/** Questions of one site that run at once, and that wait: the embedded engine runs four, so one site leaves room for another. */
const atOnce = 3;
const mostWaiting = 50;

/** Equal values, equal texts: the order of an object's keys does not matter. */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** Who is in a segment, and what somebody last said, is known from events of any time. */
const spanOf = <Query, Answer extends object>({ span }: Question<Query, Answer>, query: Query): Span | null =>
  isAboutPersons(query) ? null : (span?.(query) ?? null);

type Flight = { answer: Promise<KeptAnswer>; askers: number; stop: AbortController };

/** Rejects when the signal aborts. */
const given = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** As it was answered, but for what it cost this time. */
const parsed = <Answer extends object>(text: string, queryMs: number): Answer => {
  const answer = JSON.parse(text) as Answer;
  return 'rowsRead' in answer ? { ...answer, queryMs, rowsRead: 0 } : answer;
};

/**
 * Asks questions: the one place where an answer is kept, shared and given up. An answer is kept with the fingerprint of what it was computed from, which is
 * taken before it is computed: data that come in between make it stale, and never look as if they were in it. The fingerprint is asked of the
 * warehouse, so that any number of processes may ask and none has to tell the others.
 */
export const createAsk = ({ warehouse, now }: { warehouse: Warehouse; now: () => number }): Ask => {
  const cache = createAnswerCache(mostBytes);
  const turns = createTurns(atOnce, mostWaiting);
  const flights = new Map<string, Flight>();

  const answerOf = async <Query, Answer extends object>(
    question: Question<Query, Answer>,
    site: AskedSite,
    query: Query,
    stop: AbortSignal,
  ): Promise<Omit<KeptAnswer, 'fingerprint'>> => {
    const name = `${site.id}/${question.name}/${randomUUID()}`;
    const bound: Warehouse = {
      ...warehouse,
      query: (statement, row, limits) => warehouse.query(statement, row, { ...limits, name, signal: stop }),
    };
    return turns.take(site.id, stop, async () => {
      const askedAt = now();
      const answer = await question.answer(bound, site, query, { now: askedAt });
      const holdsUntil = question.holdsUntil?.(answer, query, askedAt) ?? askedAt + presentMilliseconds;
      return { text: JSON.stringify(answer), askedAt, holdsUntil: Math.min(holdsUntil, askedAt + mostMilliseconds) };
    });
  };

  /** Starts a question, or joins those who wait for the same answer from the same data. */
  const fly = (key: string, start: (stop: AbortSignal) => Promise<KeptAnswer>): Flight => {
    const running = flights.get(key);
    if (running !== undefined) return running;
    const stop = new AbortController();
    const answer = start(stop.signal);
    const flight: Flight = { answer, askers: 0, stop };
    const land = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    answer.then(land, land);
    stop.signal.addEventListener('abort', land);
    flights.set(key, flight);
    return flight;
  };

  const join = async (flight: Flight, signal: AbortSignal): Promise<KeptAnswer> => {
    flight.askers += 1;
    try {
      return await Promise.race([flight.answer, given(signal)]);
    } finally {
      flight.askers -= 1;
      if (flight.askers === 0) flight.stop.abort(new Error('nobody waits for the answer'));
    }
  };

  const ask: Ask['ask'] = async (question, site, query, signal) => {
    const startedAt = performance.now();
    const arrivedAt = now();
    const key = createHash('sha256')
      .update(canonicalText([question.name, site, query]))
      .digest('base64');
    const isKept = question.isKept !== false;
    const print = isKept ? await fingerprint(warehouse, site.id, spanOf(question, query)) : null;
    const kept = cache.get(site.id, key);
    const isOfNow = kept !== undefined && kept.fingerprint === print?.text;
    if (isOfNow && now() < kept.holdsUntil) {
      const queryMs = Math.round((performance.now() - startedAt) * 10) / 10;
      return { answer: parsed(kept.text, queryMs), source: 'kept', ageMilliseconds: now() - kept.askedAt };
    }
    const isAgreed = (askedAt: number): boolean =>
      print?.isSpread !== true || (isOfNow && askedAt - kept.askedAt >= agreedMilliseconds);
    const flightKey = `${site.id} ${key} ${print?.text ?? randomUUID()}`;
    const isFirst = !flights.has(flightKey);
    const flight = fly(flightKey, async (stop) => {
      const answer = await answerOf(question, site, query, stop);
      const end = isAgreed(answer.askedAt) ? answer.holdsUntil : answer.askedAt + agreedMilliseconds;
      const whole = { ...answer, fingerprint: print?.text ?? '', holdsUntil: Math.min(answer.holdsUntil, end) };
      if (isKept) cache.put(site.id, key, whole);
      return whole;
    });
    const { text, askedAt, holdsUntil } = await join(flight, signal);
    // Who came long after a question about the present was asked gets one of their own.
    if (!isFirst && arrivedAt >= holdsUntil) return ask(question, site, query, signal);
    return {
      answer: JSON.parse(text) as never,
      source: isFirst ? 'engine' : 'together',
      ageMilliseconds: now() - askedAt,
    };
  };

  const sweep = setInterval(() => cache.sweep(now()), sweepMilliseconds);
  sweep.unref();
  return { ask, close: () => clearInterval(sweep) };
};
