/** Milliseconds UTC as ClickHouse reads them fastest: `2026-10-01 00:00:00.123`. */
export const columnTime = (milliseconds: number): string => {
  const iso = new Date(milliseconds).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
};
