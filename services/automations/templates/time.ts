type Clock = { day: Intl.DateTimeFormat; time: Intl.DateTimeFormat };

/** Dear to make, and the same for all mails of a shop. There are a few hundred zones. */
const clocks = new Map<string, Clock>();
const clockOf = (timeZone: string): Clock => {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const made: Clock = {
    day: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone }),
    time: new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
      timeZone,
    }),
  };
  clocks.set(timeZone, made);
  return made;
};

/** `30 November 2026, 15:05 UTC`, by the clock of that time zone. */
export const momentText = (iso: string, timeZone: string): string => {
  const at = new Date(iso);
  const { day, time } = clockOf(timeZone);
  return `${day.format(at)}, ${time.format(at)}`;
};
