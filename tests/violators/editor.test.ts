// What an editor shows: text, arguments and an example of every public function, and the four keys of a run request.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionsOf, publicEntryPoints } from '../forgery/exported-entry-points.ts'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import { compilers } from './compile.ts'
import { openEditor, type Editor } from './editor.ts'

const versions = Object.keys(compilers) as CompilerVersion[]
const functions = Object.keys(publicEntryPoints).flatMap((entryPoint) =>
  functionsOf(entryPoint).map(({ name, parameters }) => ({ entryPoint, name, parameters })),
)
const imports = Object.keys(publicEntryPoints)
  .map((entryPoint, index) => `import * as e${index} from '${entryPoint}'\n`)
  .join('')
const indexOf = (entryPoint: string): number => Object.keys(publicEntryPoints).indexOf(entryPoint)
const calls = functions.map(({ entryPoint, name }) => `e${indexOf(entryPoint)}.${name}()\n`)
const request = "e0.createForUser({} as import('user-execution-context').VerifiedUser, {  })\n"
const text = imports + calls.join('') + request
const isCore = (entryPoint: string): boolean => entryPoint.startsWith('user-execution-context')

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
    // A destructured argument has no name.
    if (parameters.every((parameter) => !parameter.startsWith('__'))) expect(shown.parameters).toEqual(parameters)
    if (isCore(entryPoint)) {
      // The signature help of version 7.0 has the text and no tag, so the example stands in its hover alone.
      for (const words of version === '7.0' ? [shown.hover] : [shown.hover, shown.signature]) {
        expect(words).toContain("from 'user-execution-context")
        for (const parameter of parameters) if (parameter !== 'retired') expect(words).toContain(parameter)
      }
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
