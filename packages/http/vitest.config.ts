import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [toProject('http', '**')],
  },
})
