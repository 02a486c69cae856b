import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Timestamp } from '../../../schemas/primitives.ts';
import { Failure } from '../../platform/failure.ts';
import type { Platform } from '../../platform/platform.ts';
import { createTokens } from '../../platform/tokens.ts';

/** After it was replaced, a key signs for so long beside the new one: receivers have as long to take that up. */
const overlapMilliseconds = 24 * 3_600_000;
/** Each signs every message, in one header. */
const mostRetired = 5;

/**
 * What is kept of an automation's keys: names, from which our own secret makes the keys. The first has no name. `retired`: replaced ones that sign until then, newest first.
 */
const Names = z.object({ current: z.string(), retired: z.array(z.object({ name: z.string(), until: Timestamp })) });
type Names = z.infer<typeof Names>;

/** `keys`: newest first, each of which signs what goes now. `alsoUntil`: until when those but the first do. */
export type Signing = { keys: readonly [Buffer, ...Buffer[]]; alsoUntil: string | null };

/** What webhooks are signed with: keys for each automation, so that who leaves one learns nothing of the others. */
export const createWebhookKeys = ({
  config,
  clock,
  definitions,
}: Pick<Platform, 'config' | 'clock' | 'definitions'>) => {
  const tokens = createTokens(config.secretKey, clock);

  const read = async (site: string, automation: string): Promise<{ version: number; names: Names }> => {
    const found = await definitions.get('webhook-secret', site, automation, Names);
    const { current, retired } = found?.document ?? { current: '', retired: [] };
    const now = clock.now();
    return {
      version: found?.version ?? 0,
      names: { current, retired: retired.filter(({ until }) => Date.parse(until) > now) },
    };
  };

  const signing = (site: string, automation: string, { current, retired }: Names): Signing => {
    const keyOf = (name: string): Buffer =>
      tokens.mac('webhook', name === '' ? `${site}/${automation}` : `${site}/${automation}/${name}`);
    return { keys: [keyOf(current), ...retired.map(({ name }) => keyOf(name))], alsoUntil: retired[0]?.until ?? null };
  };

  return {
    of: async (site: string, automation: string): Promise<Signing> =>
      signing(site, automation, (await read(site, automation)).names),

    /** A new key; those that sign now go on for a day. @throws Failure `version_changed`: another was made at the same time; `too_many_requests` */
    renew: async (site: string, automation: string): Promise<Signing> => {
      const { version, names } = await read(site, automation);
      if (names.retired.length >= mostRetired)
        throw new Failure('too_many_requests', `There were ${mostRetired} new secrets within a day.`);
      const until = new Date(clock.now() + overlapMilliseconds).toISOString();
      const next: Names = { current: randomUUID(), retired: [{ name: names.current, until }, ...names.retired] };
      await definitions.put('webhook-secret', site, automation, next, { author: 'admin', expectedVersion: version });
      return signing(site, automation, next);
    },
  };
};
