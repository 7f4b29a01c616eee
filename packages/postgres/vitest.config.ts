import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('postgres', '**', {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        globalSetup: 'tests/server.ts',
        exclude: ['tests/kill/**'],
      }),
      toProject('kill', 'kill', { testTimeout: 60_000, hookTimeout: 60_000, globalSetup: 'tests/server.ts' }),
    ],
  },
})
