import { defineConfig } from 'vitest/config'
import { toMemoryProject, toProject } from '../../scripts/vitest-project.ts'

/** Start a process for each case. */
const processes = ['tests/peer-version.test.ts', 'tests/stdio.test.ts']

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('mcp', '**', { exclude: [...processes, '**/*.memory.test.ts'] }),
      toProject('mcp-processes', '**', { include: processes }),
      toMemoryProject('mcp'),
    ],
  },
})
