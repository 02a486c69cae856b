import { type Automation, StoredAutomation } from '../../schemas/automation.ts';
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

/** The automation with another address behind the buttons of its mails. */
const leadingTo = (automation: Automation, buttonUrl: string, isMeant: (before: string) => boolean): Automation => ({
  ...automation,
  steps: automation.steps.map((step) =>
    step.kind === 'email' && isMeant(step.email.buttonUrl) ? { ...step, email: { ...step.email, buttonUrl } } : step,
  ),
});

/** The ready-made automation, with times for impatient people. What a user changed or removed stays as he left it. */
export const ensureAutomation = async (
  { definitions }: Platform,
  basketRescue: Automation,
  buttonUrl: string,
): Promise<void> => {
  const found = await definitions.get('automation', siteId, automationId, StoredAutomation);
  if (found !== null) {
    // Our own basket page moved (another port): the button follows.
    const moved = leadingTo(found.document, buttonUrl, (before) => before.endsWith('/demo/basket'));
    if (JSON.stringify(moved) === JSON.stringify(found.document)) return;
    await definitions.put('automation', siteId, automationId, moved, { author, expectedVersion: found.version });
    return;
  }
  if ((await definitions.versions('automation', siteId, automationId, StoredAutomation)).length > 0) return;
  const document: Automation = {
    ...leadingTo(basketRescue, buttonUrl, () => true),
    enabled: true,
    trigger: { kind: 'abandoned-basket', idleSeconds, maxAgeSeconds },
    reentrySeconds: quietSeconds,
    // Whoever tries it gets the mail.
    holdoutPercent: 0,
  };
  await definitions.put('automation', siteId, automationId, document, { author, expectedVersion: 0 });
};
