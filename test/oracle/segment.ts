/**
 * Segments by brute force, written from services/questions/segments/README.md alone; no code of the product is used. One person at a time.
 */
export type OracleEvent = {
  at: number;
  event: string;
  messageId: string;
  isIdentify?: boolean;
  isInternal?: boolean;
  properties?: Readonly<Record<string, unknown>>;
  traits?: Readonly<Record<string, unknown>>;
  currency?: string;
  email?: string;
  userId?: string;
};

export type OracleCondition = { property: string; op: string; value?: unknown };
type Time = { from?: string; to?: string };
type Bounds = { atLeast?: number; atMost?: number; exactly?: number };
export type OracleCriterion =
  | { kind: 'all' | 'any' | 'not'; of: OracleCriterion[] }
  | {
      kind: 'did';
      event: string;
      where: OracleCondition[];
      in?: Time;
      times?: Bounds;
      sum?: Bounds & { property: string; currency?: string };
    }
  | { kind: 'didNot'; event: string; where: OracleCondition[]; in?: Time }
  | { kind: 'is'; where: OracleCondition[] }
  | { kind: 'lifetimeValue'; currency: string; atLeast?: number; atMost?: number; exactly?: number }
  | { kind: 'rfm'; classes: string[] }
  | { kind: 'seen'; which: 'first' | 'last'; in: Time };

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === '';

const compare = (value: unknown, { op, value: wanted }: OracleCondition): boolean => {
  const list = Array.isArray(wanted) ? wanted : [wanted];
  const equals = list.some((each) =>
    typeof each === 'number' ? !isMissing(value) && Number(value) === each : String(value ?? '') === String(each),
  );
  switch (op) {
    case 'eq':
    case 'in':
      return equals;
    case 'neq':
    case 'notIn':
      return !equals;
    case 'gte':
      return !isMissing(value) && Number(value) >= Number(wanted);
    case 'contains':
      return String(value ?? '').includes(String(wanted));
    case 'notContains':
      return !String(value ?? '').includes(String(wanted));
    case 'exists':
      return !isMissing(value);
    case 'notExists':
      return isMissing(value);
    default:
      throw new Error(op);
  }
};

const isIn = (at: number, { from, to }: Time = {}): boolean =>
  (from === undefined || at >= Date.parse(from)) && (to === undefined || at < Date.parse(to));

const isWithin = (figure: number, { atLeast, atMost, exactly }: Bounds): boolean =>
  figure >= (exactly ?? atLeast ?? -Infinity) && figure <= (exactly ?? atMost ?? Infinity);

const later = (a: OracleEvent, b: OracleEvent): number => a.at - b.at || (a.messageId < b.messageId ? -1 : 1);

/** What was last said of it. */
const lastSaid = (events: readonly OracleEvent[], property: string): unknown => {
  const newestFirst = events.toSorted(later).reverse();
  if (property === 'person.email') return newestFirst.find(({ email, isInternal }) => email && !isInternal)?.email;
  if (property === 'person.userId') return newestFirst.find(({ userId }) => userId)?.userId;
  const [, name = '', ...deeper] = property.split('.');
  const call = newestFirst.find(({ isIdentify, traits }) => isIdentify && traits !== undefined && name in traits);
  return deeper.reduce((value: unknown, key) => (value as Record<string, unknown>)?.[key], call?.traits?.[name]);
};

/** What was found out about the person from all orders (test/oracle/orders.ts): cents by currency, and the class, '' for who bought nothing. */
export type OracleBuyer = { cents: Readonly<Record<string, number>>; class: string };

/** `repeated`: a person's events, some of them more than once. */
export const oracleIsIn = (
  repeated: readonly OracleEvent[],
  criterion: OracleCriterion,
  buyer: OracleBuyer = { cents: {}, class: '' },
): boolean => {
  const events = [...new Map(repeated.map((event) => [event.messageId, event])).values()];
  const matching = ({ event: name, where, in: time }: { event: string; where: OracleCondition[]; in?: Time }) =>
    events.filter(
      ({ event, isInternal, at, properties }) =>
        (name === '*' ? !isInternal : event === name) &&
        isIn(at, time) &&
        where.every((condition) => compare(properties?.[condition.property], condition)),
    );
  switch (criterion.kind) {
    case 'all':
      return criterion.of.every((each) => oracleIsIn(events, each, buyer));
    case 'any':
      return criterion.of.some((each) => oracleIsIn(events, each, buyer));
    case 'not':
      return !criterion.of.some((each) => oracleIsIn(events, each, buyer));
    case 'did': {
      const done = matching(criterion);
      const { sum, times = { atLeast: 1 } } = criterion;
      if (sum === undefined) return isWithin(done.length, times);
      // Money is summed in one currency; who names none means EUR, the currency of the site.
      const isMoney = sum.currency !== undefined || ['price', 'revenue', 'value'].includes(sum.property);
      const added = done.filter(({ currency }) => !isMoney || (currency || 'EUR') === (sum.currency ?? 'EUR'));
      const cents = added.map(({ properties }) => Math.round(Number(properties?.[sum.property] ?? 0) * 100) || 0);
      return isWithin(cents.reduce((total, each) => total + each, 0) / 100, sum);
    }
    case 'didNot':
      return matching(criterion).length === 0;
    case 'is':
      return criterion.where.every((condition) => compare(lastSaid(events, condition.property), condition));
    case 'lifetimeValue':
      return isWithin((buyer.cents[criterion.currency] ?? 0) / 100, criterion);
    case 'rfm':
      return criterion.classes.includes(buyer.class);
    case 'seen': {
      const times = events.filter(({ isInternal }) => !isInternal).map(({ at }) => at);
      if (times.length === 0) return false;
      return isIn(criterion.which === 'first' ? Math.min(...times) : Math.max(...times), criterion.in);
    }
    default:
      return criterion satisfies never;
  }
};
