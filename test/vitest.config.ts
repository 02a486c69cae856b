import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;

/** One project per kind of test, so that each can be run alone: `npx vitest run --config test/vitest.config.ts --project unit`. */
export default defineConfig({
  root,
  test: {
    // Two cores: more workers only make real engines and browsers wait for each other.
    maxWorkers: 2,
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
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'architecture', root, include: ['test/architecture/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'journeys',
          root,
          include: ['test/journeys/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'faults',
          root,
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'fuzz',
          root,
          include: ['test/fuzz/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          root,
          include: ['test/browser/**/*.test.ts'],
          // Two cores, a real engine and a browser: a page may take longer than the second that is usual.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
