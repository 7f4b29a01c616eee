import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

/** Open the report in a browser. */
const page = ['tests/report/page-in-chromium.test.ts']
/** Change trees at random, and scan each anew. */
const seeded = ['tests/scan/cache.test.ts']

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      // Several projects, so that they can run beside each other: each file computes for seconds.
      toProject('adopt', '**', {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        exclude: ['tests/{acceptance,cli,migrate,fixtures}/**', ...page, ...seeded],
      }),
      toProject('report-page', 'report', { include: page, testTimeout: 120_000, hookTimeout: 120_000 }),
      toProject('cached-scans', 'scan', { include: seeded, testTimeout: 120_000, hookTimeout: 120_000 }),
      toProject('commands', 'cli', { testTimeout: 120_000, hookTimeout: 120_000 }),
      toProject('migrate', 'migrate', { testTimeout: 120_000, hookTimeout: 120_000 }),
      toProject('acceptance', 'acceptance', { testTimeout: 120_000, hookTimeout: 120_000 }),
    ],
  },
})
