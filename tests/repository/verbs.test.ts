// The verbs of exported functions, over the sources of all packages: a verb of the table in AGENTS.md means one thing.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import ts from 'typescript-5.9'
import { describe, expect, test } from 'vitest'

/** An exported function: what its declared type says that it gives, white space folded; undefined where it has none. */
type Exported = { readonly name: string; readonly gives: string | undefined; readonly file: string }

/** What a function of each verb may be, by its name and by what it gives. */
const verbs: Readonly<Record<string, (one: Exported & { readonly gives: string }) => boolean>> = {
  create: ({ name }) => name === 'createForUser',
  parse: ({ gives }) => !/\| undefined$|^(?:void|boolean)$/.test(gives),
  is: ({ gives }) => /^(?:boolean|Promise<boolean>|\w+ is .+)$/.test(gives),
  assert: ({ gives }) => /^(?:void|Promise<void>|never|asserts .+)$/.test(gives),
  new: ({ gives }) => !/undefined$|^(?:void|boolean|Promise<void>)$/.test(gives),
  open: ({ gives }) => isClosed(gives),
  run: ({ gives }) => gives !== 'boolean',
  current: ({ gives }) => !gives.includes('undefined'),
  tryCurrent: ({ gives }) => gives.endsWith('| undefined'),
  to: ({ gives }) => !/^(?:void|Promise<.*)$/.test(gives),
  find: ({ gives }) => /undefined|\[\]|null|Map<|Set<|unknown/.test(gives),
}

/** Public names that stay, each with its reason. Nothing internal joins them. */
const exceptions: Readonly<Record<string, string>> = {
  openSealed: 'the counterpart of sealForHop in cryptography; what it opens is a text',
  openApproval: 'the counterpart of sealApproval, as openSealed',
  openAuditTrail: 'each record is written before its call ends, so that nothing is left to close',
  openReceiver: 'what it gives ends with the connection that it receives for',
}

const sources = execFileSync('git', ['ls-files', 'src/*.ts', 'packages/*/src/*.ts', 'examples/notes-server/src/*.ts'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => !file.includes('/fixtures/'))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }))

/** The bodies of the types and classes of all sources, by name; a name that several files declare has all of them. */
const bodies = new Map<string, string>()
for (const { text } of sources)
  for (const [, name, body] of text.matchAll(
    /^(?:export )?(?:type|interface|class) (\w+)([\s\S]*?)(?=^\S|$(?![\s\S]))/gm,
  ))
    bodies.set(name!, `${bodies.get(name!) ?? ''}${body}`)

/** Whether what a function gives has to be closed: its type has a member that says so. */
const isClosed = (gives: string): boolean =>
  [gives, ...(gives.match(/\b[A-Z]\w+\b/g) ?? []).map((name) => bodies.get(name) ?? foreign[name] ?? '')].some((body) =>
    /\b(?:close|end|stop|dispose|release)\b\??[(:]|Symbol\.(?:asyncDispose|dispose)/.test(body),
  )

/** Types of Node that are closed. */
const foreign: Readonly<Record<string, string>> = { Server: 'close(): void' }

const verbOf = (name: string): string => /^(?:tryCurrent|[a-z]+)(?=[A-Z]|$)/.exec(name)?.[0] ?? ''

function findExported(file: string, text: string): readonly Exported[] {
  const verb = new RegExp(`^export (?:const|(?:async )?function\\*?) (?:${Object.keys(verbs).join('|')})[A-Z]`, 'm')
  if (!verb.test(text)) return []
  const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, false)
  const give = (node: { readonly type?: ts.TypeNode | undefined }, name: string): Exported => ({
    name,
    gives: node.type && text.slice(node.type.pos, node.type.end).replaceAll(/\s+/g, ' ').trim(),
    file,
  })
  return statements.flatMap((statement): readonly Exported[] => {
    if (ts.isFunctionDeclaration(statement)) return isExported(statement) ? [give(statement, statement.name!.text)] : []
    if (!ts.isVariableStatement(statement) || !isExported(statement)) return []
    return statement.declarationList.declarations.flatMap(({ name, type, initializer }) => {
      if (!ts.isIdentifier(name)) return []
      const declared = type ?? initializer
      const isFunction = declared && (ts.isFunctionTypeNode(declared) || ts.isArrowFunction(declared))
      return isFunction ? [give(declared, name.text)] : []
    })
  })
}

const isExported = (statement: ts.FunctionDeclaration | ts.VariableStatement): boolean =>
  statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

/** What breaks the table. */
const findBreaches = (found: readonly Exported[]): readonly string[] =>
  found
    .filter((one) => {
      const holds = verbs[verbOf(one.name)]
      return holds && one.gives !== undefined && !holds({ ...one, gives: one.gives })
    })
    .map(({ name, gives, file }) => `${file}: ${name} gives ${gives}`)

describe('the verbs of exported functions', () => {
  const breaches = (text: string): number => findBreaches(findExported('a.ts', text)).length

  test('are those of the table in AGENTS.md', () => {
    const [, table = ''] = readFileSync('AGENTS.md', 'utf8').split('## Verbs')
    const rows = Array.from(table.matchAll(/^\| (`.+`) \|/gm), ([, cell]) => cell!.match(/\w+(?=\*)/g)!)
    expect(rows.flat()).toEqual(Object.keys(verbs))
  })

  test.each([
    ['create', 'export const createThing = (): Thing => 1', 'export const createForUser = (): Context => 1'],
    ['parse', 'export const parseA = (): A | undefined => 1', 'export const parseA = (): A => 1'],
    ['is', 'export const isA = (): Promise<void> => 1', 'export const isA = (v: unknown): v is A => 1'],
    ['assert', 'export function assertA(): A {}', 'export function assertA(v: unknown): asserts v is A {}'],
    ['new', 'export const newAId = (): AId | undefined => 1', 'export const newAId = (): AId => 1'],
    ['open', 'export const openA = (): string => 1', 'export const openA: () => Promise<Scope> = a'],
    ['run', 'export const runA = (): boolean => 1', 'export const runA = (act: () => void): void => 1'],
    ['current', 'export const currentA = (): A | undefined => 1', 'export const currentA = (): A => 1'],
    ['tryCurrent', 'export const tryCurrentA = (): A => 1', 'export const tryCurrentA = (): A | undefined => 1'],
    ['to', 'export const toA = (): void => 1', 'export const toA = (): A => 1'],
    ['find', 'export async function findA(): Promise<void> {}', 'export function findA(): readonly A[] {}'],
  ])('mean one thing: %s', (_verb, violator, twin) => {
    expect([breaches(violator), breaches(twin)]).toEqual([1, 0])
  })

  test('mean it in every package, public exceptions apart', () => {
    const found = sources.flatMap(({ file, text }) => findExported(file, text))
    expect(found.filter(({ name }) => Object.hasOwn(verbs, verbOf(name))).length).toBeGreaterThan(300)
    const isException = ({ name }: Exported): boolean => Object.hasOwn(exceptions, name)
    expect(findBreaches(found.filter((one) => !isException(one)))).toEqual([])
    // An exception that holds no more, or that names nothing, goes.
    expect(findBreaches(found.filter(isException)).length).toBe(Object.keys(exceptions).length)
  })
})
