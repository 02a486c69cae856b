import { randomUUID } from 'node:crypto';
import {
  type AutomationAnswer,
  createAutomation,
  deleteAutomation,
  getAutomation,
  getContactRules,
  getOutboxMail,
  getWebhookSecret,
  listAutomations,
  listAutomationVersions,
  listOutbox,
  listReadyMade,
  previewAutomation,
  putAutomation,
  putContactRules as putContactRulesRoute,
  renewWebhookSecret,
  replayAutomation,
} from '../../schemas/api/automations.ts';
import { getResults } from '../../schemas/api/results.ts';
import { type Automation, StoredAutomation } from '../../schemas/automation.ts';
import type { Definition } from '../platform/definitions.ts';
import { Failure } from '../platform/failure.ts';
import { expectedVersion } from '../platform/http/if-match.ts';
import type { Platform } from '../platform/platform.ts';
import { due } from '../questions/due/due.ts';
import type { Asked } from '../questions/due/facts.ts';
import type { Occasion } from '../questions/due/occasion.ts';
import { replay } from '../questions/due/replay.ts';
import { tryPatterns } from '../questions/patterns.ts';
import { automationResults } from '../questions/results/results.ts';
import { askedOf } from './asked.ts';
import { mountBounces } from './bounces/routes.ts';
import { secretText } from './channels/webhook.ts';
import { createWebhookKeys, type Signing } from './channels/webhook-keys.ts';
import { mountDiscounts } from './discount-routes.ts';
import { mountLedger } from './ledger-routes.ts';
import { checkPools } from './pools/pools.ts';
import { readyMadeAutomations } from './ready-made.ts';
import { checkMails } from './sample-mail.ts';
import { mountSamples } from './sample-routes.ts';
import { contactRulesOf, putContactRules, sceneOf, siteOf } from './scene.ts';
import { mountSuppressions } from './suppression-routes.ts';

const shown = ({ id, version, changedAt, document }: Definition<Automation>): AutomationAnswer => ({
  id,
  version,
  changedAt,
  automation: document,
});

const missing = (id: string): Failure => new Failure('not_found', `There is no automation ${id}.`);

const shownSecret = ({ keys: [newest], alsoUntil }: Signing) => ({ secret: secretText(newest), alsoUntil });

const mountDefinitions = (platform: Platform): void => {
  const { serve, definitions, warehouse, clock } = platform;
  const one = async (site: string, id: string): Promise<Definition<Automation>> => {
    const found = await definitions.get('automation', site, id, StoredAutomation);
    if (found === null) throw missing(id);
    return found;
  };
  const check = async (site: string, automation: Automation): Promise<void> => {
    await checkPools(platform, site, automation);
    await tryPatterns(warehouse, automation);
    checkMails(platform, await siteOf(platform, site), automation);
  };
  serve(listAutomations, async ({ params }) => {
    const automations = await definitions.list('automation', params.site, StoredAutomation);
    return { automations: automations.map(shown) };
  });
  serve(createAutomation, async ({ params, body }) => {
    await check(params.site, body);
    const by = { author: 'admin', expectedVersion: 0 };
    return shown(await definitions.put('automation', params.site, randomUUID(), body, by));
  });
  serve(getAutomation, async ({ params }) => shown(await one(params.site, params.id)));
  serve(putAutomation, async ({ params, body }, { request }) => {
    const before = await one(params.site, params.id);
    // What is broken can be switched off, though it could not be saved as it stands.
    if (body.enabled || !before.document.enabled) await check(params.site, body);
    const by = { author: 'admin', ...expectedVersion(request) };
    return shown(await definitions.put('automation', params.site, params.id, body, by));
  });
  serve(deleteAutomation, async ({ params }) => {
    await definitions.remove('automation', params.site, params.id, 'admin');
    return { id: params.id };
  });
  serve(listAutomationVersions, async ({ params }) => {
    const versions = await definitions.versions('automation', params.site, params.id, StoredAutomation);
    if (versions.length === 0) throw missing(params.id);
    return { versions: versions.map(shown) };
  });
  serve(getResults, async ({ params, query }) => {
    const site = await siteOf(platform, params.site);
    await one(params.site, params.id);
    return automationResults(warehouse, site, { ...query, automation: params.id }, { now: clock.now() });
  });
  /** What is saved, or what somebody is writing and has not saved. */
  const meant = async (
    { site, id }: { site: string; id: string },
    body: { automation?: Automation | undefined },
  ): Promise<Asked> => {
    if (body.automation === undefined) return askedOf(site, await one(site, id));
    await tryPatterns(warehouse, { automation: body.automation });
    return askedOf(site, { id, document: body.automation });
  };
  serve(previewAutomation, async ({ params, body }) => {
    const site = await siteOf(platform, params.site);
    const asked = await meant(params, body);
    const found = await due(warehouse, await sceneOf(platform, site), asked, { now: clock.now() });
    return {
      due: found.due.map(({ occasion, step }) => ({ ...whoOf(occasion), ...aboutOf(occasion), step: step.id })),
      heldBack: [
        ...found.heldBack.map(({ occasion, step, reason }) => ({ ...whoOf(occasion), step: step?.id ?? '', reason })),
        ...found.heldOut.map(({ occasion, step }) => ({ ...whoOf(occasion), step: step.id, reason: 'holdout' })),
      ],
    };
  });
  serve(replayAutomation, async ({ params, body }) => {
    const site = await siteOf(platform, params.site);
    const asked = await meant(params, body);
    const now = clock.now();
    const span = { from: now - body.days * 86_400_000, now };
    return replay(warehouse, await sceneOf(platform, site), asked, span);
  });
  const webhookKeys = createWebhookKeys(platform);
  serve(getWebhookSecret, async ({ params: { site, id } }) => {
    await one(site, id);
    return shownSecret(await webhookKeys.of(site, id));
  });
  serve(renewWebhookSecret, async ({ params: { site, id } }) => {
    await one(site, id);
    return shownSecret(await webhookKeys.renew(site, id));
  });
  serve(listReadyMade, async () => ({
    automations: [...readyMadeAutomations].map(([id, automation]) => ({ id, automation })),
  }));
};

const whoOf = ({ person, userId, email }: Occasion) => ({ person, userId, email });
const aboutOf = ({ basket, event, at }: Occasion) => ({
  value: basket?.value ?? null,
  currency: basket?.currency ?? '',
  lastActivity: basket?.lastActivity ?? event?.at ?? new Date(at).toISOString(),
});

const mountContactRules = (platform: Platform): void => {
  const { serve } = platform;
  serve(getContactRules, async ({ params }) => {
    const { version, document } = await contactRulesOf(platform, params.site);
    return { version, rules: document };
  });
  serve(putContactRulesRoute, async ({ params, body }, { request }) => {
    const by = { author: 'admin', ...expectedVersion(request) };
    const { version, document } = await putContactRules(platform, params.site, body, by);
    return { version, rules: document };
  });
};

const headersOf = (source: string): { name: string; value: string }[] => {
  const [head = ''] = source.split(/\r?\n\r?\n/);
  return head
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .map((line) => ({ name: line.slice(0, line.indexOf(':')), value: line.slice(line.indexOf(':') + 1).trim() }));
};

const mountOutbox = ({ serve, outbox }: Platform): void => {
  serve(listOutbox, async ({ params, query }) => ({ mails: (await outbox?.list(params.site, query.limit)) ?? [] }));
  serve(getOutboxMail, async ({ params }) => {
    const kept = (await outbox?.read(params.site, params.id)) ?? null;
    if (kept === null) throw new Failure('not_found', `There is no mail ${params.id}.`);
    const { html, text } = kept.mail;
    return { ...kept, html, text, headers: headersOf(kept.source) };
  });
};

/** Everything that the dashboards and shops ask of automations. */
export const mountAutomationRoutes = (platform: Platform): void => {
  mountDefinitions(platform);
  mountSamples(platform);
  mountContactRules(platform);
  mountLedger(platform);
  mountDiscounts(platform);
  mountOutbox(platform);
  mountSuppressions(platform);
  mountBounces(platform);
};
