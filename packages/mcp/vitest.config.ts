import { defineConfig } from 'vitest/config'
import { toMemoryProject, toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [toProject('mcp', '**'), toMemoryProject('mcp')],
  },
})
