/**
 * What a clock and a calendar on the wall show, by the platform's own formatting; and intervals by looking at them every quarter of an hour. No code of
 * the product is used.
 */
export type WallInterval = 'minute' | 'hour' | 'day' | 'week' | 'month';

const dayMs = 86_400_000;
const quarterMs = 15 * 60_000;
/** No interval is shorter, whatever clocks do. */
const leastMs = { minute: 60_000, hour: quarterMs, day: 20 * 3_600_000, week: 6 * dayMs, month: 27 * dayMs };

export type Wall = Record<WallInterval, string> & { clock: string };

export const wallOf = (zone: string): ((at: number) => Wall) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const date = `${part['year']}-${part['month']}-${part['day']}`;
    const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
    return {
      clock: `${part['minute']}:${part['second']}`,
      minute: `${date} ${part['hour']}:${part['minute']}`,
      hour: `${date} ${part['hour']}`,
      day: date,
      week: new Date(Date.parse(`${date}T00:00:00Z`) - weekday * dayMs).toISOString().slice(0, 10),
      month: date.slice(0, 7),
    };
  };
};

/**
 * Starts of the intervals from the one that holds `from` to the one before `to`, then the next start. An interval starts where the wall shows another one, and
 * where a clock shows a full hour (an hour that is shown twice is two).
 */
export const oracleBounds = (interval: WallInterval, zone: string, from: number, to: number): number[] => {
  const step = interval === 'minute' ? 60_000 : quarterMs;
  const show = wallOf(zone);
  const isStart = (at: number): boolean => {
    const [before, after] = [show(at - 1), show(at)];
    const isRound = interval === 'minute' || (interval === 'hour' && after.clock === '00:00');
    return isRound || before[interval] !== after[interval];
  };
  let at = Math.floor(from / step) * step;
  while (!isStart(at)) at -= step;
  const bounds = [at];
  while ((bounds.at(-1) ?? to) < to) {
    at += Math.max(step, leastMs[interval]);
    while (!isStart(at)) at += step;
    bounds.push(at);
  }
  return bounds;
};
