import { defineConfig } from 'vitest/config';

const minutes = (n: number): number => n * 60_000;

/**
 * unit: pure rules and single rooms. db: what needs a database (embedded, or Postgres by TEST_DATABASE_URL). flow: from
 * the wire to the screen, with phones of our own. peers: the running server against real SIP programs. e2e: real browsers
 * with real audio. Where sound or times are judged, one file runs at a time.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/summary-reporter.ts'],
    // the default leaves a core to a person at the machine: half of a small one
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{server,channels,softphone,db,demo}/**/*.test.ts'],
          exclude: ['**/*.db.test.ts'],
          testTimeout: minutes(0.5),
        },
      },
      {
        test: {
          name: 'db',
          include: ['test/**/*.db.test.ts'],
          testTimeout: minutes(2),
          hookTimeout: minutes(2),
        },
      },
      {
        test: {
          name: 'flow',
          include: ['test/flow/**/*.test.ts'],
          testTimeout: minutes(2),
          hookTimeout: minutes(2),
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['test/peers/**/*.test.ts'],
          testTimeout: minutes(3),
          hookTimeout: minutes(2),
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: minutes(3),
          hookTimeout: minutes(2),
          fileParallelism: false,
          // the default of one second is too short for a browser on a busy machine
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
});
