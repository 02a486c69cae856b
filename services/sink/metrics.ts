import { Counter, Gauge, Histogram } from 'prom-client';
import type { Platform } from '../platform/platform.ts';
import type { Block } from './block.ts';

/** `wrote`: what became of a block that is written and committed. */
export type SinkMetrics = {
  wrote(block: Block, refused: number, seconds: number): void;
  leftOutLink(reason: string): void;
};

export const createMetrics = (
  { telemetry, log, clock }: Pick<Platform, 'telemetry' | 'log' | 'clock'>,
  group: string,
): SinkMetrics => {
  const registers = [telemetry.metrics];
  const rows = new Counter({
    name: 'desirepath_sink_rows_total',
    help: 'Events by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const delay = new Histogram({
    name: 'desirepath_sink_visible_seconds',
    help: 'From receiving an event until a question sees it: of each block the one that waited longest',
    buckets: [0.25, 0.5, 1, 2, 5, 10, 60, 600],
    registers,
  });
  const blockSeconds = new Histogram({
    name: 'desirepath_sink_block_seconds',
    help: 'From handing a block over until it is committed, tries included',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    registers,
  });
  new Gauge({
    name: 'desirepath_sink_lag_records',
    help: 'Records of the log that are not stored yet',
    registers,
    async collect() {
      this.set(await log.lag('events', group));
    },
  });
  const links = new Counter({
    name: 'desirepath_sink_links_left_out_total',
    help: 'Links between ids that events show and that are not written, by reason',
    labelNames: ['reason'],
    registers,
  });
  return {
    leftOutLink: (reason) => links.inc({ reason }),
    wrote: ({ entries, duplicates, redelivered }, refused, seconds) => {
      rows.inc({ outcome: 'stored' }, Math.max(0, entries.length - refused));
      rows.inc({ outcome: 'duplicate' }, duplicates.length);
      rows.inc({ outcome: 'refused' }, refused);
      rows.inc({ outcome: 'redelivered' }, redelivered);
      blockSeconds.observe(seconds);
      const earliest = entries.reduce((least, { receivedAt }) => Math.min(least, receivedAt), Number.POSITIVE_INFINITY);
      if (entries.length > 0) delay.observe((clock.now() - earliest) / 1000);
    },
  };
};
