import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [toProject('lint', '**', { testTimeout: 120_000, hookTimeout: 120_000, exclude: ['tests/host/**'] })],
  },
})
