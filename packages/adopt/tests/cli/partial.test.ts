import { describe, expect, test } from 'vitest'
import { files, makeProject } from './small-project.ts'

const inherits = (base: string): string => `{ "extends": "${base}", ${files['tsconfig.json'].slice(1)}`
const commands = ['scan', 'check --start-baseline', 'migrate', 'migrate --write']
const elsewhere = { 'other/tsconfig.json': inherits('@absent/base'), 'other/src/index.ts': 'export const one = 1\n' }
const target = {
  'src/make.ts': `import type { RequestContext } from './context'
export const make = (userId: string): RequestContext => Object.freeze({ userId, requestId: 'r' })\n`,
  'user-execution-context.config.json': JSON.stringify({
    types: ['RequestContext'],
    factories: ['make'],
    migrate: {
      target: {
        type: { module: './src/context.ts', name: 'RequestContext' },
        expression: 'make({user})',
        imports: [{ module: './src/make.ts', name: 'make' }],
        fields: { userId: { to: 'user' }, requestId: { to: 'drop' } },
        reads: {},
      },
    },
  }),
}

const run = (words: string, changes: Readonly<Record<string, string>>) => {
  const project = makeProject({ ...target, ...changes })
  project.commit()
  return project.run([...words.split(' '), '--quiet'])
}

describe.each(commands)('%s of a part of the code', (words) => {
  test.each([
    ['a tsconfig with a base that is not there', { 'tsconfig.json': inherits('@absent/base') }, 'tsconfig.json'],
    [
      'a file that names the type and does not parse',
      { 'src/odd.ts': `import type { RequestContext } from './context'\nexport function broken( {\n` },
      'src/odd.ts',
    ],
  ])('ends with 2 and names what was left out: %s', (_, changes, file) => {
    const { exitCode, stdout, stderr } = run(words, changes)
    // migrate does not begin on a file that it would have to edit.
    const isRefused = words.startsWith('migrate') && file === 'src/odd.ts'
    expect(isRefused ? stderr : stdout).toContain(isRefused ? `${file}:` : `Skipped ${file}: `)
    expect(stdout.includes('The analysis is partial:')).toBe(!isRefused)
    expect(exitCode).toBe(2)
  })

  test('does not where what was left out has nothing to do with the type', () => {
    expect(run(words, elsewhere).exitCode).toBeLessThan(2)
  })
})
