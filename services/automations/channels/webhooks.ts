import type { ActingStep } from '../../../schemas/automation.ts';
import type { Lease } from '../../platform/log/log.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Ledger } from '../ledger.ts';
import { checkHeld, checkStands, type Order, type Outcome } from './outcome.ts';
import { postWebhook, signedHeaders } from './webhook.ts';
import { createWebhookKeys } from './webhook-keys.ts';

type WebhookStep = Extract<ActingStep, { kind: 'webhook' }>;

/** What a receiver gets. docs/automations.md describes it. */
const bodyOf = ({ action, automation, step }: Order<WebhookStep>): string =>
  JSON.stringify({
    type: 'automation.step',
    timestamp: action.requestedAt,
    data: {
      site: action.site,
      automation: { id: action.automation, name: automation.name },
      step: step.id,
      person: { id: action.person, userId: action.userId, email: action.email },
      occasion: action.occasion,
      event: action.event,
      basket: action.basket,
    },
  });

/**
 * Tells other systems. At least once: where we stop in between it is sent again with the same `webhook-id`, by which a receiver knows it. Every
 * attempt stands in the ledger with what was answered.
 */
export const createWebhooks = (platform: Platform, ledger: Ledger) => {
  const { clock, config } = platform;
  const webhookKeys = createWebhookKeys(platform);
  return {
    send: async (order: Order<WebhookStep>, sequence: number, lease: Lease): Promise<Outcome> => {
      const { action, step } = order;
      checkHeld(lease);
      const { keys } = await webhookKeys.of(action.site, action.automation);
      // As with a mail: from here on the person counts as treated.
      await ledger.record(action, 'claimed', sequence + 1);
      await checkStands(order);
      await ledger.record(action, 'handing-over', sequence + 2);
      checkHeld(lease);
      const body = bodyOf(order);
      const seconds = Math.floor(clock.now() / 1000);
      const headers = signedHeaders(keys, action.id, seconds, body);
      const { isTaken, isGone, said } = await postWebhook(step.url, { headers, body }, config.webhookPrivateHosts);
      await ledger.record(action, isTaken ? 'sent' : isGone ? 'failed' : 'claimed', sequence + 3, said);
      return isTaken || isGone ? 'done' : 'retry';
    },
  };
};
