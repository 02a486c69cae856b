import { createHash, randomBytes } from 'node:crypto';
import {
  createSite,
  getIngestStats,
  getSite,
  listRejected,
  listSites,
  patchSite,
} from '../../schemas/api/administration.ts';
import { Site, type SiteAnswer, type SiteChange } from '../../schemas/site.ts';
import type { Definition } from '../platform/definitions.ts';
import { Failure } from '../platform/failure.ts';
import { expectedVersion } from '../platform/http/if-match.ts';
import type { Platform } from '../platform/platform.ts';
import { accounts } from '../questions/accounting.ts';
import { rejectedEvents } from '../questions/rejected.ts';

const newKey = (prefix: string): string => `${prefix}_${randomBytes(24).toString('base64url')}`;

const shown = ({ version, document }: Definition<Site>, secretKeys: string[] = []): SiteAnswer => {
  const { secretKeyHashes: _hidden, ...site } = document;
  return { ...site, version, secretKeys };
};

const author = 'admin';

/** What a change names. */
const given = (change: SiteChange): Partial<Site> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));

/** The sink's consumer group that counts what comes in. */
const accountsGroup = 'accounts';
/** How long an answer waits for the count of what has come in; it is half a second behind at most while the sink runs. */
const countMilliseconds = 2000;

/** Sites, their keys and their accounts. */
export const mountSites = ({ serve, definitions, warehouse, log }: Platform): void => {
  serve(listSites, async () => {
    const sites = await definitions.list('site', '', Site);
    return { sites: sites.map((site) => shown(site)) };
  });

  serve(createSite, async ({ body }) => {
    const secretKey = newKey('sk');
    const site: Site = {
      ...body,
      writeKeys: [newKey('wk')],
      secretKeyHashes: [createHash('sha256').update(secretKey).digest('hex')],
    };
    if ((await definitions.get('site', '', site.id, Site)) !== null)
      throw new Failure('conflict', `There is a site ${site.id} already.`);
    return shown(await definitions.put('site', '', site.id, site, { author, expectedVersion: 0 }), [secretKey]);
  });

  const one = async (id: string): Promise<Definition<Site>> => {
    const site = await definitions.get('site', '', id, Site);
    if (site === null) throw new Failure('not_found', `There is no site ${id}.`);
    return site;
  };
  serve(getSite, async ({ params }) => shown(await one(params.site)));
  serve(patchSite, async ({ params, body }, { request }) => {
    const { version, document } = await one(params.site);
    const { expectedVersion: wanted = version } = expectedVersion(request);
    if (wanted !== version) throw new Failure('version_changed', `It has version ${version} now, not ${wanted}.`);
    // Only over what was read: what somebody else changed meanwhile, say its keys, is not undone.
    const by = { author, expectedVersion: version };
    return shown(await definitions.put('site', '', params.site, { ...document, ...given(body) }, by));
  });

  serve(getIngestStats, async ({ params }) => {
    // What was acknowledged before the question is in the answer.
    const uncounted = await Promise.all([
      log.lag('events', accountsGroup, countMilliseconds),
      log.lag('rejected', accountsGroup, countMilliseconds),
    ]);
    return accounts(
      warehouse,
      params.site,
      uncounted.reduce((sum, records) => sum + records, 0),
    );
  });

  serve(listRejected, ({ params, query }) => rejectedEvents(warehouse, params.site, query));
};
