// One vitest project per kind of test, so that a slow kind can be run (and can fail) alone.
import { fileURLToPath } from 'node:url'

const memoryTests = 'tests/**/*.memory.test.ts'

/**
 * A project over some directories of a package's tests. The files of a project share a process, whose start costs more
 * than most files do; fresh-modules.ts gives each file modules of its own.
 *
 * What lies in a `dist` directory is never inlined: npm links the packages of this repository, vitest would take a
 * linked core for a source file, and two copies of the core are two seals.
 */
export const toProject = (name: string, directories: string, options: object = {}): { readonly test: object } => ({
  test: {
    name,
    include: [`tests/${directories}/**/*.test.ts`],
    exclude: ['tests/fixtures/**', '**/node_modules/**', memoryTests],
    isolate: false,
    // For a machine that is busy: what holds is seen as soon as it holds.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    setupFiles: [fileURLToPath(new URL('fresh-modules.ts', import.meta.url))],
    server: { deps: { external: [/\/dist\//, /\.run\.mjs$/] } },
    ...options,
  },
})

/**
 * A second project of the same suite, for tests that collect garbage: each file has a process of its own, because a
 * collection takes as long as the heap is large, and the heap of a shared process holds compilers.
 */
export const toMemoryProject = (name: string): { readonly test: object } =>
  toProject(`${name}-memory`, '**', { isolate: true, include: [memoryTests], exclude: [] })
