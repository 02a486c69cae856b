import type { LeftBasket, TriggerEvent } from '../../../schemas/action.ts';

/** What brought a person into an automation. Times are milliseconds UTC. */
export type Occasion = {
  person: string;
  /** This and the address are '' where it was asked about by name. */
  userId: string;
  email: string;
  /** Says the same for what is the same: asked again, a person does not come in again by it. */
  occasion: string;
  /** Whether it went by this name too: what stands in the ledger or is on its way under it is this occasion's. */
  wasNamed?(occasion: string): boolean;
  /** When it came about: waits are counted from here. */
  at: number;
  basket: LeftBasket | null;
  event: TriggerEvent | null;
};

/** Of which time, and only these where given. `from` and `to` are when the occasion came about. */
export type Asked = { now: number; from: number; to: number; about?: readonly Named[] | undefined };

/** An occasion that is known by name. */
export type Named = { person: string; occasion: string };

export const isCalled = ({ occasion, wasNamed }: Occasion, name: string): boolean =>
  occasion === name || (wasNamed?.(name) ?? false);
