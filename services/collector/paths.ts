import type { EventType } from '../../schemas/event.ts';
import type { TrackingRoute } from './tracking.ts';

/** SDKs send single letters, whole names, and `batch`. */
const routesByName: Readonly<Record<string, TrackingRoute>> = {
  ...Object.fromEntries(
    (['track', 'identify', 'page', 'screen', 'group', 'alias'] satisfies EventType[]).flatMap((type) => {
      const route: TrackingRoute = { kind: 'events', type };
      return [
        [type, route],
        [type.charAt(0), route],
      ];
    }),
  ),
  // Where two types share a letter, `a` is alias.
  batch: { kind: 'events', type: null },
  b: { kind: 'events', type: null },
  import: { kind: 'import' },
};

/**
 * What the last part of a path means: SDKs put host and path together in their own ways (`/v1/batch`, `/batch`, `/v1/batch/b`,
 * `/api/s/s2s/track`), and their last part always says it. Null where it says nothing.
 */
export const routeOfPath = (path: string): TrackingRoute | null => {
  const last = path.split('?', 1)[0]?.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return Object.hasOwn(routesByName, last) ? (routesByName[last] ?? null) : null;
};

/** Paths that take events. Those with a star end in any of the names. */
export const trackingPaths: readonly string[] = [
  '/v1/*',
  '/api/s/*',
  '/beacon/v1/*',
  ...Object.keys(routesByName).map((name) => `/${name}`),
  '/batch/*',
  '/b/*',
];
