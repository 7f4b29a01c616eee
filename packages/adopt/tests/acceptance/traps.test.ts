// Code that a careless rewrite breaks: it stays as it is, or moves and still answers the same.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand, type Outcome } from './command.ts'
import { compilerErrors } from './legacy-app.ts'
import { openSmallApp, removeTree, snapshotOf } from './small-app.ts'
import { trapAnswers, trapApp } from './trap-app.ts'

const answers = ['usr_1', 'request', 'run_1', true, 'run_2', 'usr_1 knows']

describe('migrate --write on a code base of traps', () => {
  let root: string
  let answersBefore: unknown
  let outcome: Outcome
  beforeAll(() => {
    root = openSmallApp({ ...trapApp, 'src/answers.ts': trapAnswers })
    answersBefore = answersOf(root)
    outcome = runCommand(root, 'migrate', '--write', '--force', '--quiet')
  })
  afterAll(() => removeTree(root))

  const textOf = (file: string): string => readFileSync(join(root, 'src', file), 'utf8')

  it('runs, and the compiler is green', () => {
    expect([outcome.exitCode === 0 || outcome.exitCode === 1, outcome.stderr, compilerErrors(root, ['.'])]).toEqual([
      true,
      '',
      '',
    ])
  })

  it('lets the code answer as before', () => {
    expect(answersBefore).toEqual(answers)
    expect(answersOf(root)).toEqual(answers)
  })

  it.each(['extended', 'registered', 'decorated', 'merged', 'private-field'])(
    'keeps a class that is %s, with the reason',
    (trap) => {
      expect(textOf(`${trap}/user-execution-context.ts`)).toContain('class UserExecutionContext {')
      const texts = [textOf(`${trap}/user-execution-context.ts`), textOf(`${trap}/use.ts`)].join('\n')
      expect(`${texts}\n${outcome.stdout}`).toMatch(/TODO\(user-execution-context\): \S/)
      expect(outcome.stdout).toContain(`src/${trap}/user-execution-context.ts`)
    },
  )

  it('marks a context that is written to later, and does not freeze it', () => {
    expect(textOf('written/use.ts')).toMatch(/TODO\(user-execution-context\): .*written/)
    expect(textOf('written/use.ts')).not.toContain('createForUser')
  })

  it('marks contexts without a user, and invents none', () => {
    expect(textOf('no-user/use.ts').match(/TODO\(user-execution-context\): .*user/g)).toHaveLength(2)
    expect(textOf('no-user/use.ts')).not.toContain('vouchForUser')
  })

  it('changes nothing in a second run', () => {
    const before = snapshotOf(root)
    runCommand(root, 'migrate', '--write', '--force', '--quiet')
    expect(snapshotOf(root)).toEqual(before)
  })
})

function answersOf(root: string): unknown {
  execFileSync(process.execPath, [
    resolve('../../node_modules/typescript/bin/tsc'),
    '-p',
    root,
    '--rootDir',
    join(root, 'src'),
    '--outDir',
    join(root, 'build'),
  ])
  return JSON.parse(execFileSync(process.execPath, [join(root, 'build/answers.js')], { encoding: 'utf8' }))
}
