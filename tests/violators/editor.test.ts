// What an editor shows: text, arguments and an example of every public function, and the four keys of a run request.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declaredEntryPoints, functionsOf } from '../forgery/exported-entry-points.ts'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import { compilers } from './compile.ts'
import { openEditor, type Editor } from './editor.ts'

const versions = Object.keys(compilers) as CompilerVersion[]
const functions = Object.keys(declaredEntryPoints).flatMap((entryPoint) =>
  functionsOf(entryPoint).map(({ name, parameters }) => ({ entryPoint, name, parameters })),
)
const imports = Object.keys(declaredEntryPoints)
  .map((entryPoint, index) => `import * as e${index} from '${entryPoint}'\n`)
  .join('')
const indexOf = (entryPoint: string): number => Object.keys(declaredEntryPoints).indexOf(entryPoint)
const calls = functions.map(({ entryPoint, name }) => `e${indexOf(entryPoint)}.${name}()\n`)
const request = "e0.createForUser({} as import('user-execution-context').VerifiedUser, {  })\n"
const text = imports + calls.join('') + request
/** Of overloads the editor shows the first, and the example stands at another. */
const withoutExample: ReadonlySet<string> = new Set(['@user-execution-context/postgres openPostgres'])
/** An entry point may hand on a function of another one of its package, with the example of that one. */
const packageOf = (entryPoint: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(entryPoint)![0]
/** A destructured argument has no name, and one that is gone is not explained. */
const isNamed = (parameter: string): boolean => !parameter.startsWith('__') && parameter !== 'retired'

describe.each(versions)('an editor with TypeScript %s', (version) => {
  let editor: Editor
  beforeAll(async () => {
    editor = await openEditor(version, `.data/editor-${version}`, text)
  })
  afterAll(() => editor.close())

  test.each(functions)('shows text and arguments of $name of $entryPoint', async ({ entryPoint, name, parameters }) => {
    const call = `e${indexOf(entryPoint)}.${name}()\n`
    const start = text.indexOf(`\n${call}`) + 1
    const shown = await editor.show(start + call.indexOf('.') + 2, start + call.indexOf('(') + 1)
    expect(shown.hover.trim()).not.toBe('')
    expect(shown.signature.trim()).not.toBe('')
    if (parameters.every((parameter) => !parameter.startsWith('__'))) expect(shown.parameters).toEqual(parameters)
    // The signature help of version 7.0 has the text and no tag, so the example stands in its hover alone.
    for (const words of version === '7.0' ? [shown.hover] : [shown.hover, shown.signature]) {
      if (!withoutExample.has(`${entryPoint} ${name}`)) expect(words).toContain(`from '${packageOf(entryPoint)}`)
      if (!entryPoint.startsWith('@'))
        for (const parameter of parameters.filter(isNamed)) expect(words).toContain(parameter)
    }
  })

  test('offers the four keys of a run request, and no other', async () => {
    const at = text.indexOf(request) + request.lastIndexOf('{') + 2
    expect([...(await editor.complete(at))].sort()).toEqual(['agentContext', 'auditMetadata', 'runId', 'threadId'])
  })
})

test('the functions are all there', () => {
  expect(functions.length).toBeGreaterThan(60)
  expect(functions.map(({ name }) => name)).toContain('createForUser')
})
