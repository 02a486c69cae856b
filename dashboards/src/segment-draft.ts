import type { RfmClass } from '../../schemas/rfm.ts';
import type { Criterion } from '../../schemas/segment.ts';

/** A condition as the page edits it: one line each. Deeper nesting is made over the API, and kept as it is. */
export const draftKinds = {
  did: 'did',
  didNot: 'did not do',
  seen: 'was last here',
  lifetimeValue: 'is worth at least',
  rfm: 'is as a buyer',
  trait: 'has',
} as const;
export type DraftKind = keyof typeof draftKinds;
export type Draft = {
  kind: DraftKind;
  event: string;
  times: number;
  /** 0: at any time. */
  days: number;
  amount: number;
  rfmClass: RfmClass;
  property: string;
  value: string;
};

export const freshDraft: Draft = {
  kind: 'did',
  event: 'Order Completed',
  times: 1,
  days: 30,
  amount: 100,
  rfmClass: 'champions',
  property: 'person.email',
  value: '',
};

const criterionOf = (draft: Draft, currency: string): Criterion => {
  const during = draft.days > 0 ? { in: { lastDays: draft.days } } : {};
  switch (draft.kind) {
    case 'did':
      return { kind: 'did', event: draft.event, where: [], ...during, times: { atLeast: draft.times } };
    case 'didNot':
      return { kind: 'didNot', event: draft.event, where: [], ...during };
    case 'seen':
      return { kind: 'seen', which: 'last', in: { lastDays: Math.max(1, draft.days) } };
    case 'lifetimeValue':
      return { kind: 'lifetimeValue', currency, atLeast: draft.amount };
    case 'rfm':
      return { kind: 'rfm', classes: [draft.rfmClass], in: { lastDays: 365 } };
    case 'trait':
      return {
        kind: 'is',
        where: [
          draft.value === ''
            ? { property: draft.property, op: 'exists' }
            : { property: draft.property, op: 'contains', value: draft.value },
        ],
      };
    default:
      return draft.kind satisfies never;
  }
};

/** All of the lines hold, or any of them. */
export const segmentOf = (drafts: readonly Draft[], match: 'all' | 'any', currency: string): Criterion => {
  const of = drafts.map((draft) => criterionOf(draft, currency));
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind: match, of };
};
