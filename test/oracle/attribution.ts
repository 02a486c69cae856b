/**
 * Attribution by brute force, written from services/questions/attribution/README.md alone; no code of the product is used. Exact shares are fractions of
 * whole numbers.
 */
export type OracleRow = {
  person: number;
  at: number;
  messageId: string;
  /** Page view, or an event with a page or a campaign; else it is no row of a visit. */
  isOfVisit: boolean;
  campaign?: { source: string; medium: string; name: string };
  host: string;
  referrerHost: string;
};
export type OracleConversion = { buyer: number; at: number; currency: string; cents: number };
type Model = 'first' | 'last' | 'lastNonDirect' | 'linear' | 'position' | 'timeDecay';
export type OracleAttribution = {
  from: number;
  to: number;
  lookbackSeconds: number;
  direct: 'fallback' | 'touch';
  halfLifeSeconds: number;
  by: 'source' | 'medium' | 'name' | 'sourceMedium';
};
export type OracleTouch = { at: number; isDirect: boolean; source: string; medium: string; name: string };

const halfHour = 30 * 60_000;
const bare = (host: string): string => host.replace(/^www\./, '');
const isSame = (a: string, b: string): boolean => `.${a}`.endsWith(`.${b}`) || `.${b}`.endsWith(`.${a}`);

const touchOf = (row: OracleRow, isFirst: boolean): OracleTouch | null => {
  if (row.campaign !== undefined) return { at: row.at, isDirect: false, ...row.campaign };
  const [host, referrer] = [bare(row.host), bare(row.referrerHost)];
  if (!isFirst || referrer === '' || (host !== '' && isSame(host, referrer))) return null;
  return { at: row.at, isDirect: false, source: referrer, medium: 'referral', name: '' };
};

const direct = (at: number): OracleTouch => ({ at, isDirect: true, source: '', medium: '', name: '' });

/** `rows`: one person's, within the time that counts, in order. */
const touchesOf = (rows: readonly OracleRow[]): OracleTouch[] => {
  const visits: OracleRow[][] = [];
  for (const row of rows) {
    const last = visits.at(-1)?.at(-1);
    if (last === undefined || row.at - last.at > halfHour) visits.push([row]);
    else visits.at(-1)?.push(row);
  }
  return visits.flatMap((visit) => {
    const touches: OracleTouch[] = [];
    for (const [index, row] of visit.entries()) {
      const touch = touchOf(row, index === 0);
      if (touch === null) continue;
      const last = touches.at(-1);
      const isRepeat =
        last !== undefined && last.source === touch.source && last.medium === touch.medium && last.name === touch.name;
      if (!isRepeat) touches.push(touch);
    }
    return touches.length === 0 ? [direct(visit[0]?.at ?? 0)] : touches;
  });
};

const weightsOf = (touches: readonly OracleTouch[], model: Model, halfLifeSeconds: number): number[] => {
  const n = touches.length;
  const only = (chosen: number) => touches.map((_, index) => (index === chosen ? 1 : 0));
  switch (model) {
    case 'first':
      return only(0);
    case 'last':
      return only(n - 1);
    case 'lastNonDirect': {
      const found = touches.findLastIndex(({ isDirect }) => !isDirect);
      return only(found === -1 ? n - 1 : found);
    }
    case 'linear':
      return touches.map(() => 1);
    case 'position':
      if (n <= 2) return touches.map(() => 1);
      return touches.map((_, index) => (index === 0 || index === n - 1 ? 2 * (n - 2) : 1));
    case 'timeDecay': {
      const newest = touches.at(-1)?.at ?? 0;
      return touches.map(({ at }) => Math.round(2 ** 30 * 2 ** (-(newest - at) / (halfLifeSeconds * 1000))));
    }
    default:
      return model satisfies never;
  }
};

const labelOf = ({ isDirect, source, medium, name }: OracleTouch, by: OracleAttribution['by']): string => {
  if (isDirect) return '(direct)';
  const [a, b, c] = [source || '(none)', medium || '(none)', name || '(none)'];
  return { source: a, medium: b, name: c, sourceMedium: `${a} / ${b}` }[by];
};

const inOrder = (a: OracleRow, b: OracleRow): number => a.at - b.at || (a.messageId < b.messageId ? -1 : 1);

const uniqueRows = (repeated: readonly OracleRow[]): OracleRow[] =>
  [...new Map(repeated.map((row) => [row.messageId, row])).values()].filter(({ isOfVisit }) => isOfVisit).sort(inOrder);

export type OracleCredits = {
  /** By value and model: ten-thousandths of conversions and, by currency, of money. */
  credits: Map<string, { shares: bigint; units: Map<string, bigint> }>;
  paths: string[][];
};

export const oracleAttribution = (
  repeated: readonly OracleRow[],
  conversions: readonly OracleConversion[],
  ask: OracleAttribution,
  models: readonly Model[],
): OracleCredits => {
  const rows = uniqueRows(repeated);
  const credits: OracleCredits['credits'] = new Map();
  const paths: string[][] = [];
  for (const { buyer, at, currency, cents } of conversions) {
    const own = rows.filter((row) => row.person === buyer && row.at <= at && row.at >= at - ask.lookbackSeconds * 1000);
    const found = touchesOf(own);
    const touches = found.length === 0 ? [direct(at)] : found;
    paths.push(touches.map((touch) => labelOf(touch, ask.by)).slice(-20));
    const others = touches.filter(({ isDirect }) => !isDirect);
    const credited = ask.direct === 'touch' ? touches : others.length === 0 ? touches.slice(-1) : others;
    for (const model of models) {
      const weights = weightsOf(credited, model, ask.halfLifeSeconds).map(BigInt);
      const all = weights.reduce((sum, weight) => sum + weight, 0n);
      const upTo = (whole: bigint, count: number): bigint =>
        (whole * weights.slice(0, count).reduce((sum, weight) => sum + weight, 0n)) / all;
      const part = (whole: bigint, index: number): bigint => upTo(whole, index + 1) - upTo(whole, index);
      credited.forEach((touch, index) => {
        const key = `${labelOf(touch, ask.by)} ${model}`;
        const credit = credits.get(key) ?? { shares: 0n, units: new Map<string, bigint>() };
        credit.shares += part(10_000n, index);
        credit.units.set(currency, (credit.units.get(currency) ?? 0n) + part(BigInt(cents) * 100n, index));
        credits.set(key, credit);
      });
    }
  }
  return { credits, paths };
};

/** Paths of those who came and did not convert. */
export const oracleLostPaths = (
  repeated: readonly OracleRow[],
  conversions: readonly OracleConversion[],
  ask: OracleAttribution,
): string[][] => {
  const since = Math.max(ask.from, ask.to - ask.lookbackSeconds * 1000);
  const rows = uniqueRows(repeated).filter(({ at }) => at >= since && at < ask.to);
  return [...Map.groupBy(rows, ({ person }) => person)]
    .filter(([person]) => !conversions.some(({ buyer }) => buyer === person))
    .map(([, own]) =>
      touchesOf(own)
        .map((touch) => labelOf(touch, ask.by))
        .slice(-20),
    );
};
