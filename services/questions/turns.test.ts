import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

/** A work that ends when it is told to. */
const work = () => {
  const ends = Promise.withResolvers<void>();
  return { run: () => ends.promise, end: ends.resolve };
};
const { signal } = new AbortController();

test('a site waits for its own questions only, first come, first served, and is told when too many wait', async () => {
  const turns = createTurns(1, 2);
  const ended: string[] = [];
  const take = (site: string, name: string, { run }: ReturnType<typeof work>, by = signal) =>
    turns.take(site, by, run).then(() => ended.push(name));
  const [first, second, third, other] = [work(), work(), work(), work()];
  const all = [take('busy', 'first', first), take('busy', 'second', second), take('busy', 'third', third)];
  await expect(take('busy', 'fourth', work())).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 });
  other.end();
  await take('quiet', 'other', other);
  third.end();
  second.end();
  first.end();
  await Promise.all(all);
  expect(ended).toEqual(['other', 'first', 'second', 'third']);
});

test('who gave up before their turn is passed over', async () => {
  const turns = createTurns(1, 2);
  const first = work();
  const gone = new AbortController();
  const begun = turns.take('shop', signal, first.run);
  const waiting = turns.take('shop', gone.signal, () => Promise.reject(new Error('it was begun')));
  gone.abort(new Error('gone'));
  first.end();
  await begun;
  await expect(waiting).rejects.toThrow('gone');
  await turns.take('shop', signal, async () => undefined);
});
