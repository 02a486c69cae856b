/**
 * Trends by brute force, written from docs/trends.md alone; no code of the product is used. Money is counted in ten-thousandths as bigint.
 */
import { oracleBounds, type WallInterval } from './calendar.ts';

export type OracleTrendEvent = {
  person: number;
  messageId: string;
  time: number;
  event: string;
  channel?: string;
  session?: string;
  price?: string;
  currency?: string;
  source?: string;
  score?: number;
  orderId?: string;
  /** Of the property `seconds`, as JSON. */
  seconds?: number | string;
  /** What an identify call says of its person; null takes it back. */
  plan?: string | null;
};
export type OracleSeries = {
  event: string;
  minimumPrice?: number;
  measure: 'count' | 'persons' | 'sessions' | 'sum' | 'average' | 'min' | 'max' | 'median' | 'p90' | 'p95' | 'p99';
  property: 'price' | 'score' | 'seconds';
};
export type OracleTrend = {
  series: readonly OracleSeries[];
  from: number;
  to: number;
  interval: WallInterval;
  zone: string;
  currency: string;
  /** By `source` or by what the person is, so many values. */
  limit?: number;
  by?: 'source' | 'plan';
  /** Only of persons who are on this plan, or (`not`) who are not. */
  onPlan?: { plan: string; isNot: boolean };
  formula?: { left: number; operator: '+' | '-' | '*' | '/'; right: number };
};
type Figure = { value: number | null; units: bigint | null };
export type OracleLine = {
  series: number | 'formula';
  part: string;
  currency: string | null;
  figures: Figure[];
  total: Figure;
};

const units = (text: string): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole) * 10_000n + BigInt(fraction.padEnd(4, '0'));
};

const numberOf = (event: OracleTrendEvent, property: OracleSeries['property']): number | null => {
  const raw = event[property];
  const number = raw === undefined || raw === '' ? Number.NaN : Number(raw);
  return Number.isFinite(number) ? number : null;
};

const quantile = (values: readonly number[], level: number): number | null => {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * level;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) return null;
  return low + (high - low) * (place - Math.floor(place));
};

const levels = { median: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

const measureOf = (events: readonly OracleTrendEvent[], { measure, property }: OracleSeries): Figure => {
  const plain = (value: number | null): Figure => ({ value, units: null });
  if (measure === 'count') return plain(events.length);
  if (measure === 'persons') return plain(new Set(events.map(({ person }) => person)).size);
  if (measure === 'sessions') return plain(new Set(events.map(({ session }) => session)).size);
  const values = events.map((event) => numberOf(event, property) ?? 0);
  if (measure === 'average')
    return plain(values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length);
  if (measure !== 'sum' && measure !== 'min' && measure !== 'max') return plain(quantile(values, levels[measure]));
  if (property !== 'price') {
    if (measure === 'sum') return plain(values.reduce((sum, each) => sum + each, 0));
    return plain(values.length === 0 ? null : Math[measure](...values));
  }
  const amounts = events.map(({ price = '0' }) => units(price)).sort((a, b) => (a < b ? -1 : 1));
  const amount = {
    sum: amounts.reduce((sum, each) => sum + each, 0n),
    min: amounts[0] ?? null,
    max: amounts.at(-1) ?? null,
  }[measure];
  return { value: amount === null ? null : Number(amount) / 10_000, units: amount };
};

const isMeasured = (event: OracleTrendEvent, { measure, property }: OracleSeries): boolean => {
  if (measure === 'count' || measure === 'persons') return true;
  if (measure === 'sessions') return (event.session ?? '') !== '';
  return numberOf(event, property) !== null;
};
const isCounting = ({ measure }: OracleSeries): boolean => ['count', 'persons', 'sessions', 'sum'].includes(measure);
const isMoney = ({ measure, property }: OracleSeries): boolean =>
  property === 'price' && !['count', 'persons', 'sessions'].includes(measure);

const combine = (left: Figure, operator: '+' | '-' | '*' | '/', right: Figure): Figure => {
  const isExact = left.units !== null && right.units !== null && (operator === '+' || operator === '-');
  if (left.value === null || right.value === null) return { value: null, units: null };
  const value = {
    '+': left.value + right.value,
    '-': left.value - right.value,
    '*': left.value * right.value,
    '/': right.value === 0 ? null : left.value / right.value,
  }[operator];
  if (!isExact) return { value, units: null };
  return { value, units: (left.units ?? 0n) + (operator === '+' ? 1n : -1n) * (right.units ?? 0n) };
};

/** What each person's newest call that says it says, of all times; '' where nothing does. */
const planByPerson = (events: readonly OracleTrendEvent[]): ((person: number) => string) => {
  const said = events
    .filter(({ plan }) => plan !== undefined)
    .sort((one, other) => one.time - other.time || (one.messageId < other.messageId ? -1 : 1));
  const plans = new Map(said.map(({ person, plan }) => [person, plan ?? '']));
  return (person) => plans.get(person) ?? '';
};

export const oracleTrend = (
  all: readonly OracleTrendEvent[],
  trend: OracleTrend,
): { starts: number[]; lines: OracleLine[] } => {
  const bounds = oracleBounds(trend.interval, trend.zone, trend.from, trend.to);
  const planOf = planByPerson(all);
  const isAskedFor = ({ person }: OracleTrendEvent): boolean =>
    trend.onPlan === undefined || (planOf(person) === trend.onPlan.plan) !== trend.onPlan.isNot;
  const unique = [...new Map(all.map((event) => [event.messageId, event])).values()].filter(
    (event) => event.time >= trend.from - 30 * 86_400_000 && event.time < trend.to && isAskedFor(event),
  );
  const saidOf = ({ person, source = '' }: OracleTrendEvent): string => (trend.by === 'plan' ? planOf(person) : source);
  const eventsOf = (series: OracleSeries) => {
    const counted = unique.filter(
      (event) =>
        (series.event === '*' ? event.channel !== 'internal' : event.event === series.event) &&
        (series.minimumPrice === undefined || Number(event.price ?? -1) >= series.minimumPrice) &&
        isMeasured(event, series),
    );
    const isToldBefore = (event: OracleTrendEvent): boolean =>
      counted.some(
        (other) =>
          other.orderId === event.orderId &&
          (other.time < event.time || (other.time === event.time && other.messageId < event.messageId)),
      );
    return counted
      .filter((event) => series.event !== 'Order Completed' || event.orderId === undefined || !isToldBefore(event))
      .filter(({ time }) => time >= trend.from);
  };
  const coinOf = (event: OracleTrendEvent) => event.currency || trend.currency;

  const [first] = trend.series;
  const weigh = (value: string): number => {
    if (first === undefined) return 0;
    const own = eventsOf(first).filter((event) => saidOf(event) === value);
    if (!isCounting(first)) return own.length;
    return measureOf(isMoney(first) ? own.filter((event) => coinOf(event) === trend.currency) : own, first).value ?? 0;
  };
  const values = [...new Set((first === undefined ? [] : eventsOf(first)).map(saidOf))]
    .filter((value) => value !== '')
    .sort((a, b) => weigh(b) - weigh(a) || (a < b ? -1 : 1))
    .slice(0, trend.limit ?? 0);
  const partOf = (event: OracleTrendEvent) => {
    const value = saidOf(event);
    return value === '' ? '(none)' : values.includes(value) ? value : '(other)';
  };

  const lineOf = (events: readonly OracleTrendEvent[], series: number, part: string, currency: string | null) => {
    const rules = trend.series[series] as OracleSeries;
    const own = currency === null ? events : events.filter((event) => coinOf(event) === currency);
    return {
      series,
      part,
      currency,
      figures: bounds.slice(0, -1).map((start, index) =>
        measureOf(
          own.filter(({ time }) => time >= start && time < (bounds[index + 1] ?? 0)),
          rules,
        ),
      ),
      total: measureOf(own, rules),
    };
  };
  const lines: OracleLine[] = trend.series.flatMap((rules, series) => {
    const events = eventsOf(rules);
    const parts: (readonly [string, OracleTrendEvent[]])[] = [['', events]];
    if (trend.limit !== undefined) {
      for (const part of values) parts.push([part, events.filter((event) => partOf(event) === part)]);
      for (const part of ['(other)', '(none)']) {
        const own = events.filter((event) => partOf(event) === part);
        if (own.length > 0) parts.push([part, own]);
      }
    }
    return parts.flatMap(([part, own]) => {
      if (!isMoney(rules)) return [lineOf(own, series, part, null)];
      const coins = [...new Set([trend.currency, ...own.map(coinOf)])];
      return coins.map((coin) => lineOf(own, series, part, coin));
    });
  });
  if (trend.formula !== undefined) lines.push(...formulaOf(trend, lines));
  return { starts: bounds.slice(0, -1), lines };
};

const formulaOf = ({ formula, series }: OracleTrend, lines: readonly OracleLine[]): OracleLine[] => {
  if (formula === undefined) return [];
  const own = lines.filter((line) => line.series === formula.left || line.series === formula.right);
  const hasMoney = own.some(({ currency }) => currency !== null);
  const kinds = new Map(own.map((line) => [`${line.part}/${line.currency}`, line]));
  return [...kinds.values()]
    .filter(({ currency }) => !hasMoney || currency !== null)
    .map(({ part, currency, figures }) => {
      const side = (index: number) => {
        const rules = series[index] as OracleSeries;
        const found = lines.find(
          (line) =>
            line.series === index && line.part === part && (line.currency === null || line.currency === currency),
        );
        const none: Figure = isCounting(rules)
          ? { value: 0, units: isMoney(rules) ? 0n : null }
          : { value: null, units: null };
        return found ?? { figures: figures.map(() => none), total: none };
      };
      const [left, right] = [side(formula.left), side(formula.right)];
      return {
        series: 'formula' as const,
        part,
        currency,
        figures: left.figures.map((figure, index) => combine(figure, formula.operator, right.figures[index] as Figure)),
        total: combine(left.total, formula.operator, right.total),
      };
    });
};
