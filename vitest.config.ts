import { defineConfig } from 'vitest/config'
import { toMemoryProject, toProject } from './scripts/vitest-project.ts'

/** Start a process for each block of the documentation that runs, and compile all with older compilers. */
const docPrograms = ['tests/docs/running-blocks.test.ts', 'tests/docs/older-compilers.test.ts']
/** Build the packages and pack them, several times. */
const builds = ['tests/repository/build.test.ts', 'tests/repository/package.test.ts', 'tests/repository/setup.test.ts']
/** Start the compilers and the language services of every version that consumers have. */
const consumers = ['tests/violators/editor.test.ts', 'tests/violators/packed-package.test.ts']
const compiling = { testTimeout: 120_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    reporters: ['dot'],
    projects: [
      toProject('unit', '{errors,facts,identity,context,scope,repository,forgery}', {
        exclude: [...builds, '**/*.memory.test.ts'],
      }),
      toProject('builds', 'repository', { include: builds }),
      toMemoryProject('unit'),
      toProject('violators', 'violators', { ...compiling, exclude: consumers }),
      toProject('consumers', 'violators', { ...compiling, include: consumers }),
      toProject('docs', 'docs', { ...compiling, exclude: docPrograms }),
      toProject('doc-programs', 'docs', { ...compiling, include: docPrograms }),
    ],
  },
})
