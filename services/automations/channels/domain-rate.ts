/** Says whether a mail to this address may go now, and counts it if so. */
export type DomainRate = { take(site: string, address: string, perMinute: number | null): boolean };

const minuteMilliseconds = 60_000;
/** Beyond so many domains those that had no mail for a minute are forgotten. */
const mostDomains = 1000;

/** No more mails to one domain within any minute than a site allows: large mailbox providers refuse who sends many at once. In memory, so for this process. */
export const createDomainRate = (now: () => number): DomainRate => {
  /** When the last minute's mails to a domain went, oldest first. */
  const sent = new Map<string, number[]>();

  const lately = (key: string): number[] => {
    const since = now() - minuteMilliseconds;
    return (sent.get(key) ?? []).filter((at) => at > since);
  };
  const forget = (): void => {
    for (const key of sent.keys()) if (lately(key).length === 0) sent.delete(key);
  };

  return {
    take: (site, address, perMinute) => {
      if (perMinute === null) return true;
      const key = `${site}/${address.slice(address.lastIndexOf('@') + 1).toLowerCase()}`;
      const before = lately(key);
      if (before.length >= perMinute) return false;
      if (sent.size >= mostDomains) forget();
      sent.set(key, [...before, now()]);
      return true;
    },
  };
};
