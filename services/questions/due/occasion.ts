import type { LeftBasket, TriggerEvent } from '../../../schemas/action.ts';

/** What brought a person into an automation. Times are milliseconds UTC. */
export type Occasion = {
  person: string;
  userId: string;
  email: string;
  /** Says the same for what is the same: asked again, a person does not come in again by it. */
  occasion: string;
  /** When it came about: waits are counted from here. */
  at: number;
  basket: LeftBasket | null;
  event: TriggerEvent | null;
};

/** Of which time, and of one person where given. `from` and `to` are when the occasion came about. */
export type Asked = { now: number; from: number; to: number; person?: string | undefined };

/** In one answer; the oldest go first, the others when these are done. */
export const mostOccasions = 100_000;
