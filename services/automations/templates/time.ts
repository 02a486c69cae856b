const dayParts = { day: 'numeric', month: 'long', year: 'numeric' } as const;
const timeParts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const;

/** `30 November 2026, 15:05 UTC`, by the clock of that time zone. */
export const momentText = (iso: string, timeZone: string): string => {
  const at = new Date(iso);
  const text = (parts: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('en-GB', { ...parts, timeZone }).format(at);
  return `${text(dayParts)}, ${text(timeParts)}`;
};
