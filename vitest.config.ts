import { defineConfig } from 'vitest/config'
import LongestFirst from './tests/longest-first.ts'

export default defineConfig({
  test: {
    // Temporal's native bridge and llama.cpp do not share a process between worker threads.
    pool: 'forks',
    // Vitest leaves one core to itself, which is half of two.
    maxWorkers: '100%',
    globalSetup: ['./tests/temporary-folder.ts'],
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './tests/count-reporter.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.ts', 'tests/security/**/*.test.ts'], testTimeout: 30_000 } },
      // `npm test` runs the first two; what takes many minutes and seldom breaks is `npm run test:chaos` and `npm run test:slow`.
      ...['e2e', 'chaos', 'slow'].map((name, index) => ({
        extends: true as const,
        test: {
          name,
          include: [`tests/${name}/**/*.test.ts`, `tests/{security,chaos}/**/*.${name}.ts`],
          // Real servers and real training on few cores. Half of an end-to-end run waits for something, so two go side by side;
          // what counts kills and processes has the host for itself.
          fileParallelism: name === 'e2e',
          sequence: { groupOrder: index + 1 },
          testTimeout: 20 * 60_000,
          hookTimeout: 20 * 60_000,
          globalSetup: ['./tests/set-up.ts'],
        },
      })),
    ],
  },
})
