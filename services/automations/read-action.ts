import { z } from 'zod';
import { Action, Phase } from '../../schemas/action.ts';

/** A phase as it stands in the ledger; `unknown`: of a newer version. */
export const KnownPhase = z.enum([...Phase.options, 'unknown']).catch('unknown');
export type KnownPhase = z.infer<typeof KnownPhase>;

/** An action as it stands on the log or in the ledger. Null where it cannot be read: damaged, or of a version that knows more than this one. */
export const readAction = (text: string): Action | null => {
  try {
    return Action.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};
