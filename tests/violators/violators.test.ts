// Every violator fails with its code and its words, and its repaired twin compiles, on each compiler.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import { compile, compilers, speaksForOthers, type Diagnostic } from './compile.ts'
import { judge, parseExpectation, readViolator, twinOf, violatorDirectory, violators } from './violator.ts'

const versions = Object.keys(compilers) as CompilerVersion[]
const work = '.data/violators'
const found = new Map<CompilerVersion, ReadonlyMap<string, readonly Diagnostic[]>>()

/** Copies violators into a directory, changed, and compiles them there. */
function compileCopies(
  directory: string,
  version: CompilerVersion,
  files: Readonly<Record<string, string>>,
): ReadonlyMap<string, readonly Diagnostic[]> {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text)
  return compile(version, directory, Object.keys(files), { allowImportingTsExtensions: true })
}

const originals = Object.fromEntries(
  [...violators, ...violators.map(twinOf), 'backend.ts'].map((file) => [file, readViolator(file)]),
)

beforeAll(() => {
  for (const version of versions) found.set(version, compileCopies(join(work, version), version, originals))
})

describe('the violators', () => {
  test('are many, each beside its repaired twin, and none speaks for others', () => {
    expect(violators.length).toBeGreaterThan(30)
    expect(violators.filter((file) => !existsSync(join(violatorDirectory, twinOf(file))))).toEqual([])
    expect(violators.filter((file) => speaksForOthers(readViolator(file)))).toEqual([])
  })

  test('hold every legacy shape and every real call mistake that is known', () => {
    const named = ['models', 'supervisor', 'services', 'execution-factory', 'corpus-admin', 'strongly-typed']
      .map((shape) => `legacy-${shape}.ts`)
      .concat(
        ['session-id', 'metadata', 'workspace-id', 'permissions', 'correlation-id', 'websocket-connection-id'].map(
          (key) => `factory-argument-${key}.ts`,
        ),
      )
      .concat([
        'swapped-user-id-and-text.ts',
        'missing-run-id.ts',
        'context-from-a-header.ts',
        'error-handler-with-a-user-id.ts',
        'wrong-literal.ts',
        'string-for-an-id.ts',
        'swapped-ids.ts',
        'legacy-factory-arguments.ts',
        'string-for-a-verified-user.ts',
      ])
    expect(named.filter((file) => !violators.includes(file))).toEqual([])
  })
})

describe.each(versions)('tsc %s', (version) => {
  test.each(violators)('refuses %s and names the fix', (file) => {
    expect(judge(version, parseExpectation(readViolator(file)), found.get(version)!.get(file)!)).toEqual([])
  })

  test.each(violators.map(twinOf))('compiles %s', (file) => {
    expect(found.get(version)!.get(file)).toEqual([])
  })
})

describe('this suite', () => {
  test('turns red for a violator that compiles', () => {
    const canary = `${readViolator('wrong-literal.ts')
      .split('\n')
      .filter((line) => line.startsWith('//'))
      .join('\n')}\n${readViolator(twinOf('wrong-literal.ts'))}`
    const files = { 'canary.ts': canary, 'backend.ts': readViolator('backend.ts') }
    const messages = compileCopies(join(work, 'canary'), '7.0', files).get('canary.ts')!
    expect(messages).toEqual([])
    expect(judge('7.0', parseExpectation(canary), messages)).not.toEqual([])
  })

  test('turns red for every violator when the package is missing', () => {
    const files = Object.fromEntries(
      Object.entries(originals).map(([file, text]) => [
        file,
        text.replaceAll("'user-execution-context", "'missing-package"),
      ]),
    )
    const messages = compileCopies(join(work, 'missing'), '7.0', files)
    expect(
      violators.filter((file) => judge('7.0', parseExpectation(readViolator(file)), messages.get(file)!).length === 0),
    ).toEqual([])
  })

  test('turns red for the right code with other words, and for the right words with another code', () => {
    const expected = parseExpectation('// fails: TS1\n// says: the fix')
    expect(judge('5.9', expected, [{ code: 'TS1', text: 'the fix' }])).toEqual([])
    expect(judge('5.9', expected, [{ code: 'TS1', text: 'no help' }])).not.toEqual([])
    expect(judge('5.9', expected, [{ code: 'TS2', text: 'the fix' }])).not.toEqual([])
    expect(
      judge('5.9', expected, [
        { code: 'TS1', text: 'the fix' },
        { code: 'TS1', text: 'one more' },
      ]),
    ).not.toEqual([])
  })
})
