import { defineConfig } from 'vitest/config'
import { toProject } from '../../scripts/vitest-project.ts'

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('notes-server', '', {
        include: ['tests/{,notes/,settings/,store/}*.test.ts'],
        testTimeout: 180_000,
      }),
      toProject('start', 'start', { testTimeout: 180_000 }),
      toProject('page', 'page', {
        hookTimeout: 180_000,
        globalSetup: ['tests/page/chromium-setup.ts'],
      }),
      toProject('isolation', 'isolation', { testTimeout: 400_000 }),
    ],
  },
})
