// Values that reach the type by a call or an assignment past it, each form with a twin that is right.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'

const forms: readonly (readonly [name: string, wrong: string, right: string])[] = [
  ['a member of any', '(service as any).run(body)', '(service as any).run(ctx)'],
  ['a member of any by its text', "(service as any)['run'](body)", "(service as any)['run'](ctx)"],
  ['a member of any, given a literal', "(<any>service).run({ userId: 'u' })", '(<any>service).run(held.ctx)'],
  ['a static member of any', '(Service as any).go(body)', '(Service as any).go(ctx)'],
  ['a second parameter of a member of any', "(service as any).both('a', body)", '(service as any).both(body, ctx)'],
  ['call', 'run.call(undefined, body)', 'run.call(undefined, ctx)'],
  ['call of a member', 'service.run.call(service, body)', 'service.run.call(service, ctx)'],
  ['bind', 'run.bind(undefined, body)', 'run.bind(undefined, ctx)'],
  ['Reflect.apply', 'Reflect.apply(run, undefined, [body])', 'Reflect.apply(run, undefined, [ctx])'],
  ['a function asserted to Function', '(run as Function)(body)', '(run as Function)(ctx)'],
  ['a field of any', '(service as any).last = body', '(service as any).last = ctx'],
  ['a list of any', '(service as any).list = [body]', '(service as any).list = [ctx]'],
  ['a method that takes no context', '(service as any).run(body)', '(service as any).log(body)'],
  ['a method of the library', 'run.call(undefined, body)', 'String.prototype.trim.call(body)'],
  ['nothing', '(service as any).run(body)', '(service as any).run(undefined)'],
  ['an object of any type', '(service as any).run(body)', '(body as any).run(body)'],
]
const context = `export interface Ctx { readonly userId: string; readonly requestId: string }
export class Service {
  last: Ctx | undefined
  list: Ctx[] = []
  run(c: Ctx): string { return c.userId }
  both(name: string, c: Ctx): string { return name + c.userId }
  log(text: string): void { void text }
  static go(c: Ctx): string { return c.userId }
}
export const run = (c: Ctx): string => c.userId
`
const codeOf = (expression: string): string =>
  `import { Service, run, type Ctx } from './context.js'
export const tried = (service: Service, ctx: Ctx, held: { ctx: Ctx }, body: any): unknown => {
  void [Service, run, service, ctx, held, body]
  return ${expression}
}
`

describe('a call or an assignment past a type', () => {
  let root: string
  let found: Set<string>
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'detours-'))
    mkdirSync(join(root, 'src'))
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n')
    writeFileSync(
      join(root, 'tsconfig.json'),
      '{ "compilerOptions": { "target": "es2022", "lib": ["es2022"], "module": "nodenext", "strict": true, "types": [], "noEmit": true }, "include": ["src"] }',
    )
    writeFileSync(join(root, 'src/context.ts'), context)
    forms.forEach(([, wrong, right], index) => {
      writeFileSync(join(root, `src/wrong-${index}.ts`), codeOf(wrong))
      writeFileSync(join(root, `src/right-${index}.ts`), codeOf(right))
    })
    const { findings } = await scan({ root, types: ['Ctx'] })
    found = new Set(findings.filter(({ kind }) => kind === 'any-flow').map(({ file }) => file))
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test.each(forms.map(([name], index) => [name, index] as const))('is a site: %s', (_, index) => {
    expect(found.has(`src/wrong-${index}.ts`)).toBe(true)
  })

  test.each(forms.map(([name], index) => [name, index] as const))(
    'is none, where the value is right: %s',
    (_, index) => {
      expect(found.has(`src/right-${index}.ts`)).toBe(false)
    },
  )
})
