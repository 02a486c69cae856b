import { z } from 'zod';
import { Action, Phase, Settlement } from '../../schemas/action.ts';

/** A phase as it stands in the ledger; `unknown`: of a newer version. */
export const KnownPhase = z.enum([...Phase.options, 'unknown']).catch('unknown');
export type KnownPhase = z.infer<typeof KnownPhase>;

const readAs = <T>(schema: z.ZodType<T>, text: string): T | null => {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};

/** An action as it stands in the ledger. Null where it cannot be read: damaged, or of a version that knows more than this one. */
export const readAction = (text: string): Action | null => readAs(Action, text);

/** The same of a record on the log. */
export const readRecord = (text: string): Action | Settlement | null => readAs(z.union([Settlement, Action]), text);
