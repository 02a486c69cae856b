/** A period as it stands in the address: relative ones move with the clock, `custom` has two days, both inclusive. */
export const presets = {
  today: { label: 'Today', days: 1 },
  '7d': { label: 'Last 7 days', days: 7 },
  '30d': { label: 'Last 30 days', days: 30 },
  '90d': { label: 'Last 90 days', days: 90 },
} as const;
export type Preset = keyof typeof presets;
export type PageRange = { range: Preset | 'custom'; from: string; to: string };

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const isPreset = (value: unknown): value is Preset => typeof value === 'string' && Object.hasOwn(presets, value);
const isDay = (value: unknown): value is string =>
  typeof value === 'string' && dayPattern.test(value) && !Number.isNaN(Date.parse(value));

/** Whatever an address holds becomes a period; nonsense becomes the default. */
export const readRange = (raw: Readonly<Record<string, unknown>>, fallback: Preset = '30d'): PageRange => {
  const { range, from, to } = raw;
  if (range === 'custom' && isDay(from) && isDay(to) && from <= to) return { range, from, to };
  return { range: isPreset(range) ? range : fallback, from: '', to: '' };
};

const dayMs = 86_400_000;

const partsIn = (ms: number, timeZone: string): Record<string, number> =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );

/** Milliseconds that the zone's clock is ahead of UTC at this instant. */
const offsetAt = (ms: number, timeZone: string): number => {
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = partsIn(ms, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
};

/** The instant at which this calendar day (`2026-11-23`) begins in a time zone, daylight saving included. */
export const startOf = (calendarDay: string, timeZone: string): number => {
  const wall = Date.parse(`${calendarDay}T00:00:00Z`);
  const guess = wall - offsetAt(wall, timeZone);
  return wall - offsetAt(guess, timeZone);
};

/** The calendar day of an instant in a time zone: `2026-11-23`. */
export const dayOf = (ms: number, timeZone: string): string => {
  const { year = 0, month = 1, day = 1 } = partsIn(ms, timeZone);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
};

const plusDays = (calendarDay: string, days: number): string =>
  new Date(Date.parse(calendarDay) + days * dayMs).toISOString().slice(0, 10);

/** Whole days of the site up to now: `from <= t < to`, as the API takes it. */
export const instantsOf = (
  { range, from, to }: PageRange,
  site: { timeZone: string },
  nowMs: number,
): { from: string; to: string; days: number } => {
  const instants = (first: string, end: number) => {
    const begin = startOf(first, site.timeZone);
    return {
      from: new Date(begin).toISOString(),
      to: new Date(end).toISOString(),
      days: Math.max(1, Math.round((end - begin) / dayMs)),
    };
  };
  if (range === 'custom') return instants(from, startOf(plusDays(to, 1), site.timeZone));
  const { days } = presets[range];
  // To the next whole minute: then the same question stays the same for a minute.
  const end = Math.ceil(nowMs / 60_000) * 60_000;
  return { ...instants(plusDays(dayOf(nowMs, site.timeZone), 1 - days), end), days };
};

export const labelOf = ({ range, from, to }: PageRange): string =>
  range === 'custom' ? (from === to ? from : `${from} – ${to}`) : presets[range].label;
