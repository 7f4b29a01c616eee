import { describe, expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

const context =
  'export interface RequestContext {\n  readonly userId: string\n' +
  '  readonly threadId: string\n  readonly runId: string\n}\n' +
  'export const show = (c: RequestContext): string => [c.userId, c.threadId, c.runId].join()\n'
const head = "import { show } from './context.js'\nlet n = 0\n"
const handle = (row: string, lead = ''): string =>
  `export const handle = (_: string): string => {\n  n = 0\n${lead}` +
  `  return show({ threadId: ${row}.next, userId: ${row}.next, runId: ${row}.next })\n}\n`

describe('reads that nothing shows to be of stored values keep their order', () => {
  test.each([
    [
      'a typed property that is defined as a getter',
      "const row: { readonly next: string } = Object.defineProperty({} as { next: string }, 'next', " +
        '{ get: () => `id_${++n}` })\n',
    ],
    [
      'a typed proxy',
      'interface Row { next: string }\nconst row = new Proxy<Row>({ next: "" }, { get: () => `id_${++n}` })\n',
    ],
    [
      'a proxy of any behind an interface',
      'interface Row { next: string }\nconst loose: any = new Proxy({}, { get: () => `id_${++n}` })\n' +
        'const row: Row = loose\n',
    ],
    [
      'an interface that a class with a getter implements',
      'interface Row { readonly next: string }\n' +
        'class Lines implements Row {\n  get next(): string { return `id_${++n}` }\n}\n' +
        'const row: Row = new Lines()\n',
    ],
    ['a spread of such an interface', ''],
  ])('%s', async (name, row) => {
    const spread =
      'interface Row { readonly userId: string }\nconst row: Row = { get userId() { return `id_${++n}` } }\n' +
      'const next = (): string => `id_${++n}`\nexport const handle = (_: string): string => {\n  n = 0\n' +
      '  return show({ threadId: next(), ...row, runId: next() })\n}\n'
    const text = name.startsWith('a spread') ? head + spread : head + row + handle('row')
    const { before, after } = await runProgram(context, text)
    expect(before).toBe('id_2,id_1,id_3')
    expect(after).toEqual(before)
  })

  test('a class of a package, whose declaration file says that it has a getter', async () => {
    const lib = 'export declare class Cursor {\n  get next(): string;\n}\n'
    const code = 'let n = 0\nexport class Cursor { get next() { return `id_${++n}` } }\n'
    const text = `import { Cursor } from 'lib'\nimport { show } from './context.js'\nlet n = 0\n`
    const { before, after } = await runProgram(
      context,
      text + handle('row', '  const row = new Cursor()\n  n += 0\n'),
      {
        files: {
          'node_modules/lib/package.json':
            '{ "name": "lib", "type": "module", ' +
            '"exports": { ".": { "types": "./index.d.ts", "default": "./index.js" } } }',
          'node_modules/lib/index.d.ts': lib,
          'node_modules/lib/index.js': code,
        },
      },
    )
    const order = (said: unknown): readonly string[] =>
      String(said)
        .split(',')
        .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))
    const fields = (said: unknown): readonly number[] => order(said).map((id) => String(said).split(',').indexOf(id))
    expect(fields(before)).toEqual([1, 0, 2])
    expect(fields(after)).toEqual(fields(before))
  })
})
