import { Automation } from '../../schemas/automation.ts';
import { Site } from '../../schemas/site.ts';
import type { Platform } from '../platform/platform.ts';
import { currency, shopName } from './catalogue.ts';

export const siteId = 'demo';
export const writeKey = 'demo-write-key';
const automationId = 'basket-rescue';
const author = 'demo';

/** So short that one sees it happen. */
const idleSeconds = 120;
/** The baskets of the history are not written about, but for those of the last hour. */
const maxAgeSeconds = 3600;
/** Somebody who tries it twice gets a second mail. */
const quietSeconds = 300;

/** The site and its keys; a site that is there is left as it is, but for a key that changed with the installation's secret. */
export const ensureSite = async ({ definitions }: Platform, secretKeyHash: string): Promise<void> => {
  const found = await definitions.get('site', '', siteId, Site);
  if (found?.document.secretKeyHashes.includes(secretKeyHash)) return;
  const fresh: Site = {
    id: siteId,
    name: shopName,
    currency,
    timeZone: 'Europe/Berlin',
    holdoutPercent: 0,
    allowedOrigins: [],
    writeKeys: [writeKey],
    secretKeyHashes: [],
  };
  const document = found?.document ?? fresh;
  const withKey = { ...document, secretKeyHashes: [...document.secretKeyHashes, secretKeyHash] };
  await definitions.put('site', '', siteId, withKey, { author, expectedVersion: found?.version ?? 0 });
};

/** The ready-made automation, with times for impatient people. What a user changed or removed stays as he left it. */
export const ensureAutomation = async (
  { definitions }: Platform,
  basketRescue: Automation,
  buttonUrl: string,
): Promise<void> => {
  const found = await definitions.get('automation', siteId, automationId, Automation);
  if (found !== null) {
    const { email } = found.document;
    // Our own basket page moved (another port): the button follows.
    if (email.buttonUrl === buttonUrl || !email.buttonUrl.endsWith('/demo/basket')) return;
    const moved: Automation = { ...found.document, email: { ...email, buttonUrl } };
    await definitions.put('automation', siteId, automationId, moved, { author, expectedVersion: found.version });
    return;
  }
  if ((await definitions.versions('automation', siteId, automationId, Automation)).length > 0) return;
  const document: Automation = {
    ...basketRescue,
    enabled: true,
    trigger: { kind: 'abandoned-basket', idleSeconds, maxAgeSeconds },
    email: { ...basketRescue.email, buttonUrl },
    quietSeconds,
    // Whoever tries it gets the mail.
    holdoutPercent: 0,
  };
  await definitions.put('automation', siteId, automationId, document, { author, expectedVersion: 0 });
};
