import { createHash } from 'node:crypto';
import { Site } from '../../schemas/site.ts';
import type { Clock } from '../platform/clock.ts';
import type { Definitions } from '../platform/definitions.ts';
import { Failure } from '../platform/failure.ts';

export type KeyHolder = { site: Site; isSecret: boolean };

/** Which site a key belongs to, from memory: a request must not wait for the warehouse, nor fail because it is away. */
export type Sites = {
  /**
   * Null for a key that no site has. A key made by another process is found at once, one taken back is good for about a second more.
   * @throws Failure `unavailable` while no list of sites has ever been read
   */
  find(key: string): Promise<KeyHolder | null>;
};

const refreshMilliseconds = 1000;
/** Longer keys are nobody's. */
const keyLimit = 200;

type Known = { byWriteKey: Map<string, Site>; bySecretHash: Map<string, Site> };

const index = (sites: readonly Site[]): Known => ({
  byWriteKey: new Map(sites.flatMap((site) => site.writeKeys.map((key) => [key, site] as const))),
  bySecretHash: new Map(sites.flatMap((site) => site.secretKeyHashes.map((hash) => [hash, site] as const))),
});

const lookUp = ({ byWriteKey, bySecretHash }: Known, key: string): KeyHolder | null => {
  const site = byWriteKey.get(key);
  if (site !== undefined) return { site, isSecret: false };
  // Only the hash is kept, and a look-up by hash tells nothing about the key by its timing.
  const owner = bySecretHash.get(createHash('sha256').update(key).digest('hex'));
  return owner === undefined ? null : { site: owner, isSecret: true };
};

export const createSites = ({ definitions, clock }: { definitions: Definitions; clock: Clock }): Sites => {
  let known: Known | null = null;
  let readAt = 0;
  let reading: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    readAt = clock.now();
    const sites = await definitions.list('site', '', Site);
    known = index(sites.map(({ document }) => document));
  };
  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };

  const refreshOrStay = async (): Promise<Known> => {
    try {
      await refresh();
    } catch (error) {
      // With a list in memory, events go on while the warehouse is away.
      if (known === null)
        throw new Failure('unavailable', 'the sites cannot be read right now', { retryAfterSeconds: 2, cause: error });
    }
    return known ?? index([]);
  };

  return {
    find: async (key) => {
      if (key.length > keyLimit) return null;
      const found = known === null ? null : lookUp(known, key);
      if (found === null) return lookUp(await refreshOrStay(), key);
      if (clock.now() - readAt > refreshMilliseconds) void refreshOrStay();
      return found;
    },
  };
};
