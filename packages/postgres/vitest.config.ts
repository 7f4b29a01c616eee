import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('postgres', '**', {
        globalSetup: 'tests/server.ts',
        exclude: ['tests/{kill,cluster,embedded,migrations,server,shards,upgrade}/**'],
      }),
      // Several processes, or several databases: each version of the schema in one of its own.
      toProject('postgres-servers', '{cluster,embedded,migrations,server,shards}', { globalSetup: 'tests/server.ts' }),
      toProject('kill', 'kill', { globalSetup: 'tests/server.ts' }),
      toProject('upgrade', 'upgrade'),
    ],
  },
})
