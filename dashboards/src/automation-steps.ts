import type { ActingStep, Step } from '../../schemas/automation.ts';

/** Steps that do something, in the order in which they are written, those of branches included. */
export const actingSteps = (steps: readonly Step[]): ActingStep[] =>
  steps.flatMap((step) => {
    if (step.kind === 'wait') return [];
    return step.kind === 'branch' ? [...actingSteps(step.yes), ...actingSteps(step.no)] : [step];
  });

/** How a step's mails are called: its own, and those that are tried against it (so many, as the schema says). */
export const variantNames = ['A', 'B', 'C', 'D'];

/** Ids that a new step must not have. */
export const idsOf = (steps: readonly Step[]): string[] => actingSteps(steps).map(({ id }) => id);

/** The first of `email-1`, `email-2` … that is free. */
export const freshId = (kind: ActingStep['kind'], taken: readonly string[]): string => {
  const tried = (number: number): string => {
    const id = `${kind}-${number}`;
    return taken.includes(id) ? tried(number + 1) : id;
  };
  return tried(1);
};

const day = 86_400;

/** A step to begin with. What only its author knows (subject, address) is left empty: the server refuses it until it is said. */
export const newStep = (kind: Step['kind'], taken: readonly string[], buttonUrl = ''): Step => {
  switch (kind) {
    case 'wait':
      return { kind, seconds: day };
    case 'email':
      return {
        id: freshId(kind, taken),
        kind,
        email: { subject: '', preheader: '', heading: '', body: '', button: 'Back to the shop', buttonUrl },
        variants: [],
      };
    case 'webhook':
      return { id: freshId(kind, taken), kind, url: '' };
    default:
      return {
        kind,
        if: { kind: 'did', event: 'Order Completed', where: [], in: { lastDays: 365 }, times: { atLeast: 1 } },
        yes: [],
        no: [],
      };
  }
};
