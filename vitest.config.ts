import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Temporal's native bridge and llama.cpp do not share a process between worker threads.
    pool: 'forks',
    reporters: ['default', './tests/count-reporter.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          // Real servers and real training on few cores: one file after the other.
          fileParallelism: false,
          testTimeout: 20 * 60_000,
          hookTimeout: 20 * 60_000,
          globalSetup: ['./tests/set-up.ts'],
        },
      },
    ],
  },
})
