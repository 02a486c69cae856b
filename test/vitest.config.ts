import { defineConfig } from 'vitest/config';
import { Mixed } from './order.ts';

const root = new URL('..', import.meta.url).pathname;
/** Real engines, brokers and browsers on two cores: what is waited for may take longer than the second that is usual. */
const patience = { expect: { poll: { timeout: 20_000 } }, testTimeout: 120_000, hookTimeout: 120_000 };

/** One project per kind of test, so that each can be run alone: `npx vitest run --config test/vitest.config.ts --project unit`. */
export default defineConfig({
  root,
  test: {
    // Two cores, and a third file at a time since most wait more than they compute: for a block, a look, a broker that comes back.
    maxWorkers: 3,
    sequence: { sequencer: Mixed },
    projects: [
      {
        test: {
          name: 'unit',
          root,
          include: [
            'services/**/*.test.ts',
            'schemas/**/*.test.ts',
            'dashboards/src/**/*.test.ts',
            'test/support/**/*.test.ts',
          ],
          ...patience,
        },
      },
      { test: { name: 'architecture', root, include: ['test/architecture/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'journeys',
          root,
          include: ['test/journeys/**/*.test.ts'],
          ...patience,
        },
      },
      {
        test: {
          name: 'faults',
          root,
          include: ['test/faults/**/*.test.ts'],
          ...patience,
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'fuzz',
          root,
          include: ['test/fuzz/**/*.test.ts'],
          ...patience,
        },
      },
      {
        test: {
          name: 'browser',
          root,
          include: ['test/browser/**/*.test.ts'],
          ...patience,
        },
      },
    ],
  },
});
