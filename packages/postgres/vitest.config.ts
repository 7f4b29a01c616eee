import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('postgres', '**', {
        globalSetup: 'tests/server.ts',
        exclude: ['tests/{kill,cluster,embedded,server,shards,upgrade}/**'],
      }),
      // Several processes, or several databases.
      toProject('postgres-servers', '{cluster,embedded,server,shards}', { globalSetup: 'tests/server.ts' }),
      toProject('kill', 'kill', { globalSetup: 'tests/server.ts' }),
      toProject('upgrade', 'upgrade'),
    ],
  },
})
