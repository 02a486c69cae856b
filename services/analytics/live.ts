import { Failure } from '../platform/failure.ts';
import { type EventStream, openEventStream } from '../platform/http/event-stream.ts';
import type { Platform } from '../platform/platform.ts';
import { recentEvents } from '../questions/recent.ts';

/** Between two looks at the warehouse while somebody watches. */
const pollMilliseconds = 1000;
/** Watchers of one process; one more is told to come back. */
const mostWatchers = 200;

/** One look a second at a watched site, however many watch it; none while nobody does. */
const createFeed = ({ warehouse, clock, telemetry }: Platform, site: string) => {
  const watchers = new Set<EventStream>();
  const stop = new AbortController();

  const poll = async (): Promise<void> => {
    let since = clock.now() - 5000;
    while (!stop.signal.aborted) {
      try {
        const events = await recentEvents(warehouse, site, since);
        since = Math.max(since, ...events.map((event) => Date.parse(event.receivedAt)));
        for (const watcher of watchers) events.length > 0 ? watcher.send({ events }) : watcher.keepOpen();
      } catch (error) {
        // only logged: the next look is the retry.
        telemetry.logger.warn({ err: error, site }, 'live feed waits for the warehouse');
      }
      await clock.sleep(pollMilliseconds, stop.signal);
    }
  };
  void poll();
  return { watchers, stop: () => stop.abort() };
};

/** GET /api/sites/:site/live: accepted events as they are stored, about once a second, as server-sent events. */
export const mountLive = (platform: Platform): { close(): void } => {
  const feeds = new Map<string, ReturnType<typeof createFeed>>();
  const open = new Set<EventStream>();

  platform.http.app.get<{ Params: { site: string } }>('/api/sites/:site/live', async (request, reply) => {
    const { site } = request.params;
    await platform.access.guard('viewer', site, request);
    if (open.size >= mostWatchers) throw new Failure('unavailable', 'Too many watchers.', { retryAfterSeconds: 10 });
    const feed = feeds.get(site) ?? createFeed(platform, site);
    feeds.set(site, feed);
    const stream = openEventStream(reply, () => {
      open.delete(stream);
      feed.watchers.delete(stream);
      if (feed.watchers.size > 0) return;
      feed.stop();
      feeds.delete(site);
    });
    open.add(stream);
    feed.watchers.add(stream);
  });

  return {
    close: () => {
      for (const stream of open) stream.end();
    },
  };
};
