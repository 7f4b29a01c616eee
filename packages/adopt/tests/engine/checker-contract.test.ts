import { describe, expect, onTestFinished, test } from 'vitest'
import type { CheckedType, Checker, CheckerProject, NodeSpan } from '../../src/engine/checker.ts'
import { openChecker } from '../../src/engine/open-checker.ts'
import { readSourceTree } from '../../src/engine/source-tree.ts'
import { strictConfig, temporaryProject } from './temporary-project.ts'

const contextFile = `\uFEFF// Grüße, 👋\r
export interface Base { readonly userId: string }\r
export interface Context extends Base { runId: string; tag?: 'a' | 'b'; stop(): void }\r
export class Session {\r
  constructor(readonly context: Context, private secret = 1) {}\r
  get age(): number { return this.secret }\r
}\r
export const run = (context: Context): string => context.userId\r
export function wrap<C extends Base>(value: C): C { return value }\r
export const later = async (context: Context | undefined): Promise<Context> => context!\r
`
const useFile = `import { run as go, wrap, later, Session, type Context } from './context'
const noop = () => {}
const literal = { userId: '👋', runId: 'b', stop: noop }
export const loose: any = JSON.parse('{}')
go({ userId: 'a', runId: 'b', stop: noop })
go(literal)
go(loose)
wrap({ userId: 'a', extra: 1 })
export const made: Context | null = loose
export const session = new Session(literal)
export const awaited = later(literal)
export const empty: [] = []
export const broken = missing()
go({ userId: 'a' })
export type Alias = Context
`

/** Everything that the adapter answers about the project, in words that do not depend on the compiler's own ids. */
const interview = (checker: Checker): unknown => {
  const project = checker.projects[0]!
  const file = project.files.find((name) => name.endsWith('use.ts'))!
  const contextPath = project.files.find((name) => name.endsWith('context.ts'))!
  const at = (part: string, text = useFile, path = file): NodeSpan => {
    const start = text.replace('\uFEFF', '').indexOf(part)
    if (start < 0) throw new Error(`no ${part}`)
    return { file: path, start, end: start + part.length }
  }
  const inContext = (part: string): NodeSpan => at(part, contextFile, contextPath)
  const named = (type: CheckedType | undefined): unknown =>
    type && { text: project.textOf(type), sort: type.sort, fromLiteral: type.fromLiteral }
  const expressions = [
    "{ userId: '👋', runId: 'b', stop: noop }",
    "{ userId: 'a', runId: 'b', stop: noop }",
    "{ userId: 'a', extra: 1 }",
    'later(literal)',
    'new Session(literal)',
    "JSON.parse('{}')",
    'missing()',
    '[]',
    'Alias',
  ].map((part) => at(part))
  const types = project.typesAt(expressions)
  const [promise] = project.typesAt([at('later(literal)')])
  const [session] = project.typesAt([at('new Session(literal)')])
  const [context] = project.typesAt([inContext('Context')])
  const [union] = project.typesAt([at('Context | null')])
  const [literalType] = project.typesAt([at("{ userId: '👋', runId: 'b', stop: noop }")])
  const [parameter] = project.typesAt([inContext('C extends Base')])
  return {
    types: types.map(named),
    contextual: project
      .contextualTypes([at("{ userId: 'a', runId: 'b', stop: noop }"), at("{ userId: '👋', runId: 'b', stop: noop }")])
      .map(named),
    symbols: project
      .symbolsAt([at('go'), at('Session'), at('missing')])
      .map((symbol) => symbol && { name: symbol.name, declarations: symbol.declarations }),
    references: project.referencesTo(at('literal')).map(({ start, end }) => [start, end]),
    contextReferences: project.referencesTo(inContext('run')).map((span) => [span.file.slice(-10), span.start]),
    called: project
      .calledDeclarations([at("go({ userId: 'a', runId: 'b', stop: noop })"), at('new Session(literal)')])
      .map((span) => span && [span.file, span.start, span.end]),
    members: project.membersOf(union!).map(named),
    typeArguments: project.typeArgumentsOf(promise!).map(named),
    bases: project.baseTypesOf(context!).map(named),
    constraint: named(parameter && project.constraintOf(parameter)),
    properties: [context!, session!, literalType!].map((type) =>
      project
        .propertiesOf(type)
        .map(({ name, optional, readonly, method, type: own }) => [
          name,
          optional,
          readonly,
          method,
          project.textOf(own).split(' | ').sort().join(' | '),
        ]),
    ),
    symbolOf: [literalType!, context!]
      .map((type) => project.symbolOf(type))
      .map((symbol) => symbol && { name: symbol.name, declarations: symbol.declarations }),
    assignable: [
      project.isAssignable(literalType!, context!),
      project.isAssignable(context!, literalType!),
      project.isAssignable(session!, context!),
    ],
    diagnostics: diagnosticsOf(project),
  }
}

const diagnosticsOf = (project: CheckerProject): unknown =>
  project.diagnostics(project.files).map(({ file, start, end }) => [file, start, end])

describe('checker adapter', () => {
  const open = async (files: Record<string, string>): Promise<[Checker, Checker, string]> => {
    const root = temporaryProject(files)
    const seven = await openChecker({ root, engine: 'typescript-7' })
    const six = await openChecker({ root, engine: 'typescript-6' })
    onTestFinished(async () => void (await Promise.all([seven.close(), six.close()])))
    return [seven, six, root]
  }
  const project = { 'tsconfig.json': strictConfig, 'src/context.ts': contextFile, 'src/use.ts': useFile }

  test('gives equal answers with TypeScript 7 and 6, byte order mark and wide characters included', async () => {
    const [seven, six] = await open(project)
    const answers = interview(seven) as { types: { text: string }[]; diagnostics: unknown[]; properties: unknown[][] }
    expect(interview(six)).toEqual(answers)
    expect(answers.types.map((type) => type?.text)).toContain('Promise<Context>')
    expect(answers.properties[0]).toContainEqual(['userId', false, true, false, 'string'])
    expect(answers.diagnostics.length).toBeGreaterThanOrEqual(2)
  })

  test('checks again what an overlay changes, with equal diagnostics, and goes back to the text on disk', async () => {
    const [seven, six, root] = await open(project)
    const sealed = new Map([
      [`${root}/src/context.ts`, contextFile.slice(1).replace('runId: string', "runId: string; sealed: 'never'")],
    ])
    const before = diagnosticsOf(seven.projects[0]!) as unknown[]
    for (const checker of [seven, six]) checker.update(sealed)
    const during = diagnosticsOf(seven.projects[0]!) as unknown[]
    expect(diagnosticsOf(six.projects[0]!)).toEqual(during)
    expect(during.length).toBeGreaterThan(before.length)
    for (const checker of [seven, six]) checker.update(new Map([[`${root}/src/context.ts`, undefined]]))
    expect(diagnosticsOf(seven.projects[0]!)).toEqual(before)
    expect(diagnosticsOf(six.projects[0]!)).toEqual(before)
  })

  test('leaves out an empty tuple that the compiler fails on, and answers for the others', async () => {
    const root = temporaryProject({
      'tsconfig.json': strictConfig,
      'src/a.ts': 'export const e: [] = []\nexport const f = { a: 1 }\n',
    })
    const checker = await openChecker({ root, engine: 'typescript-7' })
    onTestFinished(() => checker.close())
    const nodes = [
      { start: 21, end: 23 },
      { start: 41, end: 49 },
    ].map((span) => ({ ...span, file: `${root}/src/a.ts` }))
    const [empty, literal] = checker.projects[0]!.typesAt(nodes)
    expect([empty, checker.failedNodes]).toEqual([undefined, []])
    expect(literal?.fromLiteral).toBe(true)
  })

  test('reads the old options that TypeScript 7 removed', async () => {
    const [seven, six] = await open({
      'package.json': '{"devDependencies":{"typescript":"^4.9.0"}}',
      'tsconfig.json':
        '{ "compilerOptions": { "target": "es5", "module": "commonjs", "moduleResolution": "node", "baseUrl": ' +
        '"./src", "paths": { "@app/*": ["app/*"] }, /* old */ "esModuleInterop": false, "downlevelIteration": ' +
        'true, }, }',
      'src/app/context.ts': 'export interface Context { userId: string }\n',
      'src/use.ts':
        "import { Context } from '@app/context'\nimport { Context as Other } from 'app/context'\n" +
        'export const a: Context = { userId: null }\nexport const b: Other = a\nfunction f(x) { return x }\n' +
        'export const c: Context = { id: f(1) }\n',
    })
    expect(diagnosticsOf(six.projects[0]!)).toEqual(diagnosticsOf(seven.projects[0]!))
    expect(seven.projects[0]!.diagnostics(seven.projects[0]!.files).map(({ code }) => code)).toEqual([2353])
  })

  test('resolves workspace packages to unbuilt sources, and covers files outside every tsconfig', async () => {
    const [seven, six] = await open({
      'package.json': '{"name":"root","workspaces":["packages/*"]}',
      'tsconfig.json': '{"files":[],"references":[{"path":"packages/core"},{"path":"packages/app"}]}',
      'packages/core/package.json': '{"name":"@acme/core","main":"dist/index.js","types":"dist/index.d.ts"}',
      'packages/core/tsconfig.json':
        '{"compilerOptions":{"composite":true,"outDir":"dist","rootDir":"src","module":"nodenext"},"include":["src"]}',
      'packages/core/src/index.ts': 'export interface Context { userId: string }\n',
      'packages/app/package.json': '{"name":"@acme/app","dependencies":{"@acme/core":"*"}}',
      'packages/app/tsconfig.json':
        '{"compilerOptions":{"composite":true,"outDir":"dist","rootDir":"src"},"include":["src"],"references":[{"path":"../core"}]}',
      'packages/app/src/main.ts':
        "import type { Context } from '@acme/core'\nexport const a: Context = { userId: 1 }\n",
      'packages/app/tests/main.test.ts':
        "import type { Context } from '@acme/core'\nexport const b: Context = { userId: 2 }\n",
    })
    const codes = (checker: Checker): unknown =>
      checker.projects.map((entry) => [entry.isOrphans, entry.diagnostics(entry.files).map(({ code }) => code)])
    expect(codes(seven)).toEqual([
      [false, [2322]],
      [false, []],
      [true, [2322]],
    ])
    expect(codes(six)).toEqual(codes(seven))
  })

  test('refuses to answer about a type of an earlier state', async () => {
    const root = temporaryProject(project)
    const checker = await openChecker({ root }, readSourceTree(root))
    onTestFinished(() => checker.close())
    const [type] = checker.projects[0]!.typesAt([
      {
        file: `${root}/src/use.ts`,
        start: useFile.indexOf('later(literal)'),
        end: useFile.indexOf('later(literal)') + 14,
      },
    ])
    checker.update(new Map([[`${root}/src/use.ts`, `${useFile}\n`]]))
    expect(() => checker.projects[0]!.textOf(type!)).toThrow('earlier state')
  })
})
