/** An answer as JSON, and what it was computed from. Times are milliseconds UTC. */
export type KeptAnswer = { text: string; fingerprint: string; askedAt: number; holdsUntil: number };

export type AnswerCache = {
  get(site: string, key: string): KeptAnswer | undefined;
  /** Makes room by forgetting what was not asked for longest, of the site that holds most: a busy site drives out its own answers only. */
  put(site: string, key: string, answer: KeptAnswer): void;
  /** Forgets what does not hold at this time. */
  sweep(now: number): void;
  /** That are held, texts and keys. */
  bytes(): number;
};

type Kept = KeptAnswer & { bytes: number };
type Shelf = { bytes: number; answers: Map<string, Kept> };

/** Of the fields beside the texts, and of the map's entry. */
const entryBytes = 200;

export const createAnswerCache = (mostBytes: number): AnswerCache => {
  const shelves = new Map<string, Shelf>();
  const total = { bytes: 0 };

  const forget = (site: string, shelf: Shelf, key: string): void => {
    const bytes = shelf.answers.get(key)?.bytes ?? 0;
    shelf.answers.delete(key);
    shelf.bytes -= bytes;
    total.bytes -= bytes;
    if (shelf.answers.size === 0) shelves.delete(site);
  };
  /** What was put last stays, unless it is too large by itself. */
  const makeRoom = (newest: string): void => {
    while (total.bytes > mostBytes) {
      const others = [...shelves].filter(([site, { answers }]) => site !== newest || answers.size > 1);
      const [site, shelf] = (others.length > 0 ? others : [...shelves]).reduce((most, each) =>
        each[1].bytes > most[1].bytes ? each : most,
      );
      const oldest = shelf.answers.keys().next();
      if (!oldest.done) forget(site, shelf, oldest.value);
    }
  };

  return {
    get: (site, key) => {
      const answers = shelves.get(site)?.answers;
      const kept = answers?.get(key);
      if (kept === undefined) return undefined;
      // The order of a Map is that of insertion: last is what was asked for last.
      answers?.delete(key);
      answers?.set(key, kept);
      return kept;
    },
    put: (site, key, answer) => {
      const before = shelves.get(site);
      if (before !== undefined) forget(site, before, key);
      const shelf = shelves.get(site) ?? { bytes: 0, answers: new Map<string, Kept>() };
      // A character outside of Latin 1 takes two bytes, and one such character makes all of them take two.
      const bytes = 2 * (answer.text.length + answer.fingerprint.length + key.length) + entryBytes;
      shelves.set(site, shelf);
      shelf.answers.set(key, { ...answer, bytes });
      shelf.bytes += bytes;
      total.bytes += bytes;
      makeRoom(site);
    },
    sweep: (now) => {
      for (const [site, shelf] of shelves)
        for (const [key, { holdsUntil }] of shelf.answers) if (holdsUntil <= now) forget(site, shelf, key);
    },
    bytes: () => total.bytes,
  };
};
