import { createHash, randomBytes } from 'node:crypto';
import { createSite, getIngestStats, getSite, listRejected, listSites } from '../../schemas/api/administration.ts';
import { Site, type SiteAnswer } from '../../schemas/site.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { accounts } from '../questions/accounting.ts';
import { rejectedEvents } from '../questions/rejected.ts';

const newKey = (prefix: string): string => `${prefix}_${randomBytes(24).toString('base64url')}`;

const shown = ({ secretKeyHashes: _hidden, ...site }: Site, secretKeys: string[] = []): SiteAnswer => ({
  ...site,
  secretKeys,
});

/** The sink's consumer group that counts what comes in. */
const accountsGroup = 'accounts';
/** How long an answer waits for the count of what has come in; it is half a second behind at most while the sink runs. */
const countMilliseconds = 2000;

/** Sites, their keys and their accounts. */
export const mountSites = ({ serve, definitions, warehouse, log }: Platform): void => {
  serve(listSites, async () => {
    const sites = await definitions.list('site', '', Site);
    return { sites: sites.map(({ document }) => shown(document)) };
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
    await definitions.put('site', '', site.id, site, { author: 'admin', expectedVersion: 0 });
    return shown(site, [secretKey]);
  });

  serve(getSite, async ({ params }) => {
    const site = await definitions.get('site', '', params.site, Site);
    if (site === null) throw new Failure('not_found', `There is no site ${params.site}.`);
    return shown(site.document);
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
