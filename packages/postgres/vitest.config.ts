import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('postgres', '**', {
        globalSetup: 'tests/server.ts',
        exclude: ['tests/kill/**'],
      }),
      toProject('kill', 'kill', { globalSetup: 'tests/server.ts' }),
    ],
  },
})
