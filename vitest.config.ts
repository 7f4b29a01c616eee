import { defineConfig } from 'vitest/config'
import { toMemoryProject, toProject } from './scripts/vitest-project.ts'

/** Starts a process for each block of the documentation that runs. */
const docPrograms = 'tests/docs/running-blocks.test.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('unit', '{errors,facts,identity,context,scope,repository,forgery}'),
      toMemoryProject('unit'),
      toProject('violators', 'violators', { testTimeout: 120_000, hookTimeout: 180_000 }),
      toProject('docs', 'docs', { testTimeout: 120_000, hookTimeout: 180_000, exclude: [docPrograms] }),
      toProject('doc-programs', 'docs', { testTimeout: 120_000, hookTimeout: 180_000, include: [docPrograms] }),
    ],
  },
})
