import { defineConfig } from 'vitest/config'

// One project per kind of test, so that a slow kind can be run (and can fail) alone. The files of a project share a
// process, whose start costs more than most files do; tests/fresh-modules.ts gives each file modules of its own.
const project = (name: string, folders: string, options: object = {}): object => ({
  test: {
    name, include: [`tests/${folders}/**/*.test.ts`], exclude: ['tests/fixtures/**', '**/node_modules/**'],
    isolate: false, setupFiles: ['tests/fresh-modules.ts'], ...options,
  },
})

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      project('unit', '{errors,facts,identity,context,scope,house,forgery}', { testTimeout: 60_000, hookTimeout: 60_000, server: { deps: { external: [/\/dist\//, /\.run\.mjs$/] } } }),
      project('violators', 'violators', { testTimeout: 120_000, hookTimeout: 180_000 }),
      project('docs', 'docs', { testTimeout: 120_000, hookTimeout: 180_000 }),
      project('golden-path', '{golden-path,server,adapters}', { testTimeout: 30_000 }),
      project('page', 'page', { testTimeout: 60_000, hookTimeout: 180_000, globalSetup: ['tests/page/chromium-setup.ts'] }),
      project('isolation', 'isolation', { testTimeout: 400_000 }),
      // Three projects, so that they can run beside each other: each file computes for seconds.
      project('adopt', 'adopt', { testTimeout: 120_000, hookTimeout: 120_000, exclude: ['tests/adopt/{acceptance,migrate}/**'] }),
      project('migrate', 'adopt/migrate', { testTimeout: 120_000, hookTimeout: 120_000 }),
      project('acceptance', 'adopt/acceptance', { testTimeout: 120_000, hookTimeout: 120_000 }),
      project('lint', 'lint', { testTimeout: 120_000, hookTimeout: 120_000 }),
    ],
  },
})
