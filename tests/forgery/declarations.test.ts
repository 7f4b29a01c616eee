// Pins every public declaration of every package to a text that is reviewed: a mutated type of an option, a field, an
// id or a result turns this red, whatever the library's own aliases say.
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { printDeclarations } from './declarations.ts'
import { declaredEntryPoints } from './exported-entry-points.ts'

const sealing = ['user-execution-context', '@user-execution-context/transfer', '@user-execution-context/golden-path']
const packages = [
  ...sealing,
  '@user-execution-context/postgres',
  '@user-execution-context/http',
  '@user-execution-context/mcp',
  '@user-execution-context/testing',
  'eslint-plugin-user-execution-context',
]
/**
 * Tools of any input, and what a test runner gives a matcher: a type that is not any would have to be the same for all.
 */
const allowed = ['readonly tools?: Readonly<Record<string, AiSdkTool<any>>> | undefined;', 'type OfRunner = any;']
const entryPointsOf = (name: string): readonly string[] =>
  Object.keys(declaredEntryPoints).filter((entry) => entry === name || entry.startsWith(`${name}/`))

describe.each(packages)('the declarations of %s', (name) => {
  const text = printDeclarations(entryPointsOf(name))

  test('are those that were reviewed', async () => {
    const file = `type-tests/declarations/${name.split('/').at(-1)}.d.txt`
    // A missing file would be written anew and pass.
    if (process.env['CI']) expect(existsSync(file)).toBe(true)
    await expect(text).toMatchFileSnapshot(`../../${file}`)
  })

  test('hold no any, and no sealed class with a writable field or a constructor that can be called', () => {
    const anys = text.replaceAll(/'[^'\n]*'/g, "''").match(/.*\bany\b.*/g) ?? []
    expect(anys.filter((line) => !allowed.includes(line.trim()))).toEqual([])
    // Classes that are exported as types only: a protected constructor is called by an heir of ours.
    const classes = [...text.matchAll(/^declare class (\w+)[^{]*\{([\s\S]*?)\n\}/gm)]
    if (sealing.includes(name)) expect(classes.length).toBeGreaterThan(0)
    for (const [, className, body] of classes) {
      const writable = body!.split('\n').filter((line) => /^ {4}['\w]+\??: /.test(line))
      expect([className, writable]).toEqual([className, []])
      expect([className, body]).toEqual([
        className,
        expect.stringMatching(/^ {4}(?:private constructor\(\);$|protected constructor\()/m),
      ])
    }
  })
})
