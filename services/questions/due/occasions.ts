import type { Automation, Trigger } from '../../../schemas/automation.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import type { Asked, Named, Occasion } from './occasion.ts';
import type { Scene } from './scene.ts';
import { basketOccasions } from './triggers/baskets.ts';
import { eventOccasions, lapsedOccasions, productNewsOccasions } from './triggers/events.ts';
import { segmentOccasions } from './triggers/segment.ts';
import { longestWait } from './walk.ts';

const byTrigger = async (warehouse: Warehouse, scene: Scene, trigger: Trigger, asked: Asked): Promise<Occasion[]> => {
  const { site } = scene;
  switch (trigger.kind) {
    case 'abandoned-basket':
    case 'abandoned-checkout':
    case 'browsed':
      return basketOccasions(warehouse, site, trigger, asked);
    case 'event':
      return eventOccasions(warehouse, site, await scene.resolved(trigger), asked);
    case 'product-news':
      return productNewsOccasions(warehouse, site, await scene.resolved(trigger), asked);
    case 'lapsed':
      return lapsedOccasions(warehouse, site, trigger, asked);
    case 'segment': {
      const people = await scene.peopleOf({ kind: 'inSegment', segment: trigger.segment });
      return segmentOccasions(warehouse, site, { segment: trigger.segment, people }, asked);
    }
    default:
      return trigger satisfies never;
  }
};

/**
 * The occasions of an automation that may still matter at `now`: those as old as its waits and the age that a step may have. Reads the events of that
 * time only, so its cost grows with what happened in it, not with all people. `about`: of these persons only, and of the others among theirs as it comes.
 */
export const occasionsOf = (
  warehouse: Warehouse,
  scene: Scene,
  { trigger, steps }: Automation,
  { now, about }: { now: number; about?: readonly Named[] },
): Promise<Occasion[]> => {
  const from = now - (longestWait(steps) + trigger.maxAgeSeconds) * 1000;
  return byTrigger(warehouse, scene, trigger, { now, from, to: now + 1, about });
};
