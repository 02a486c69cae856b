import { useEffect, useState } from 'react';

export type LiveEvent = {
  event: string;
  timestamp: string;
  receivedAt: string;
  person: string;
  userId: string;
  email: string;
  url: string;
  productName: string;
  value: string | null;
  currency: string;
};
/** What has been seen since the page was opened; `arrivals` are the times of the last minute. */
export type Live = { events: readonly (LiveEvent & { key: number })[]; arrivals: readonly number[]; isOpen: boolean };

/** Rows that a feed keeps: what a person can look at. */
const mostShown = 40;
const mostArrivals = 20_000;

const append = (before: Live, arrived: readonly LiveEvent[], nowMs: number): Live => {
  const first = (before.events[0]?.key ?? 0) + arrived.length;
  return {
    isOpen: true,
    events: [...arrived.map((event, index) => ({ ...event, key: first - index })), ...before.events].slice(
      0,
      mostShown,
    ),
    arrivals: [...before.arrivals.filter((at) => at > nowMs - 60_000), ...arrived.map(() => nowMs)].slice(
      -mostArrivals,
    ),
  };
};

/** The events of a site as they are stored. The browser connects again by itself when the server was away. */
export const useLive = (site: string, isPaused: boolean): Live => {
  const [live, setLive] = useState<Live>({ events: [], arrivals: [], isOpen: false });
  useEffect(() => {
    if (isPaused) return;
    const source = new EventSource(`/api/sites/${encodeURIComponent(site)}/live`);
    source.onopen = () => setLive((before) => ({ ...before, isOpen: true }));
    source.onerror = () => setLive((before) => ({ ...before, isOpen: false }));
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const { events } = JSON.parse(data) as { events: LiveEvent[] };
      setLive((before) => append(before, events, Date.now()));
    };
    return () => source.close();
  }, [site, isPaused]);
  return live;
};
