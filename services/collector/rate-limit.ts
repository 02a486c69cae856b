import type { Clock } from '../platform/clock.ts';
import { Failure } from '../platform/failure.ts';

/** Requests a second of one write key, and how many may come at once. Far above a shop's peak: it stops loops, not customers. */
const requestsPerSecond = 10_000;
const burstRequests = 30_000;

/** Token buckets, one a site; as many as there are sites, since only known keys get here. */
export type RateLimit = {
  /** @throws Failure `too_many_requests` with the seconds until there is room again */
  take(site: string): void;
};

export const createRateLimit = (clock: Clock, perSecond = requestsPerSecond, burst = burstRequests): RateLimit => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take: (site) => {
      const now = clock.now();
      let bucket = buckets.get(site);
      if (bucket === undefined) {
        bucket = { tokens: burst, at: now };
        buckets.set(site, bucket);
      }
      bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond);
      bucket.at = now;
      if (bucket.tokens < 1)
        throw new Failure('too_many_requests', `more than ${perSecond} requests a second with this write key`, {
          retryAfterSeconds: Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond)),
        });
      bucket.tokens -= 1;
    },
  };
};
