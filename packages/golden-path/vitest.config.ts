import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('golden-path', '**', { exclude: ['tests/floods/**'] }),
      // Hundreds of attempts beside each other: seconds of hashing, and of waiting.
      toProject('floods', 'floods'),
    ],
  },
})
