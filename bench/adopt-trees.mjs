// Code bases of any size for the section "adopt": features of twenty modules each, every module with the usual mix of
// interfaces, classes, async functions and list work. Dense: every module takes and makes the context. Sparse: the
// modules of one feature in thirteen do, and nothing else imports them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const modulesOfFeature = 20
const sparseStride = 13

/** Writes a code base of `size` files below `root` and gives the paths of its modules, relative to it. */
export function writeTree(root, size, density) {
  const files = new Map([
    ['package.json', '{ "name": "adopt-bench", "private": true }\n'],
    ['tsconfig.json', `${JSON.stringify({ compilerOptions, include: ['src'] }, undefined, 2)}\n`],
    ['user-execution-context.config.json', `${JSON.stringify(configuration, undefined, 2)}\n`],
    ['src/context.ts', contextText],
    ['src/factory.ts', factoryText],
  ])
  const modules = []
  for (let index = 0; index < size - 2; index++) {
    const feature = Math.floor(index / modulesOfFeature)
    const holdsContext = density === 'dense' || feature % sparseStride === 0
    const path = `src/feature-${feature}/module-${index}.ts`
    modules.push({ path, holdsContext })
    files.set(path, moduleText(index, feature, holdsContext, density))
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return modules
}

const compilerOptions = {
  target: 'es2022',
  module: 'preserve',
  moduleResolution: 'bundler',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
}

const configuration = {
  types: ['RequestContext'],
  factories: ['src/factory.ts#makeContext'],
  migrate: {
    target: {
      type: { name: 'RequestContext', module: './src/context' },
      expression: 'makeContext({user}, {run})',
      imports: [{ name: 'makeContext', module: './src/factory' }],
      fields: {
        userId: { to: 'user' },
        threadId: { to: 'run.threadId' },
        runId: { to: 'run.runId' },
      },
      reads: {},
    },
  },
}

const contextText = `export interface RequestContext {
  userId: string
  threadId: string
  runId: string
}
`

const factoryText = `import type { RequestContext } from './context'

export function makeContext(userId: string, run: { threadId: string; runId: string }): RequestContext {
  if (userId === '') throw new Error('no user')
  return { userId, ...run }
}
`

/** A module imports up to three of its own feature and one of an earlier feature of its sort: no circles. */
function importsOf(index, feature, holdsContext, density) {
  const first = feature * modulesOfFeature
  const own = [index - 1, index - 3, index - 7].filter((other) => other >= first)
  const far = density === 'dense' || !holdsContext ? feature - 1 : feature - sparseStride
  const usable = density === 'sparse' && !holdsContext && far % sparseStride === 0 ? far - 1 : far
  return usable >= 0 ? [...own, usable * modulesOfFeature + (index % modulesOfFeature)] : own
}

function moduleText(index, feature, holdsContext, density) {
  const others = importsOf(index, feature, holdsContext, density)
  const imports = others.map((other) => {
    const directory = Math.floor(other / modulesOfFeature)
    const path = directory === feature ? `./module-${other}` : `../feature-${directory}/module-${other}`
    return `import { Service${other}, load${other}, type Record${other} } from '${path}'\n`
  })
  const context = holdsContext ? `import type { RequestContext } from '../context'\n` : ''
  const links = others.map((other) => `  link${other}: Record${other} | undefined\n`)
  const unset = others.map((other) => `link${other}: undefined`).join(', ')
  const loads = others.map(
    (other) => `  const from${other} = (await load${other}(keys)).filter(({ weight }) => weight > ${other % 9})
  total += from${other}.map(({ weight }) => weight).reduce((sum, weight) => sum + weight, 0)
  names.push(...new Service${other}(keys).names())\n`,
  )
  return `${context}${imports.join('')}
export interface Record${index} {
  id: string
  weight: number
  tags: readonly string[]
  state: 'open' | 'closed' | { readonly since: Date }
${links.join('')}}

const states: ReadonlyMap<string, Record${index}['state']> = new Map([['a', 'open' as const]])

export class Service${index} {
  private readonly records = new Map<string, Record${index}>()

  constructor(private readonly keys: readonly string[]) {}

  names(): string[] {
    return [...this.records.values()]
      .filter((record) => record.tags.some((tag) => this.keys.includes(tag)))
      .flatMap(({ id, tags }) => [id, ...tags.map((tag) => tag.toUpperCase())])
      .sort((left, right) => left.localeCompare(right))
  }

  add(record: Partial<Record${index}> & Pick<Record${index}, 'id'>): this {
    const known = this.records.get(record.id)
    this.records.set(record.id, { ...empty${index}(record.id), ...known, ...record })
    return this
  }

  groups() {
    const grouped: Record<string, Record${index}[]> = {}
    for (const record of this.records.values()) {
      const key = typeof record.state === 'string' ? record.state : record.state.since.toISOString()
      grouped[key] = [...(grouped[key] ?? []), record]
    }
    return Object.entries(grouped).map(([key, records]) => ({ key, size: records.length, first: records[0] }))
  }
}

export function empty${index}(id: string): Record${index} {
  return { id, weight: 1, tags: [], state: states.get(id) ?? 'open', ${unset} }
}

export async function load${index}(keys: readonly string[]): Promise<Record${index}[]> {
  const rows = await Promise.all(keys.map(async (key, at) => ({ ...empty${index}(key), weight: at })))
  return rows.filter(({ id }, at) => rows.findIndex((row) => row.id === id) === at)
}

export async function summarise${index}(keys: readonly string[]) {
  let total = 0
  const names: string[] = []
${loads.join('')}  const counts = names.reduce<Record<string, number>>(
    (all, name) => ({ ...all, [name]: (all[name] ?? 0) + 1 }),
    {},
  )
  return { total, names, counts, best: Object.entries(counts).sort(([, a], [, b]) => b - a)[0] }
}
${holdsContext ? contextCode(index) : ''}`
}

/** Four sites: a literal that is returned, one that is passed, one with an annotation, a cast. */
function contextCode(index) {
  return `
export function contextOf${index}(userId: string): RequestContext {
  return { userId, threadId: 'thread-${index}', runId: 'run-${index}' }
}

export function describe${index}(context: RequestContext): string {
  return \`\${context.threadId} \${context.runId}\`
}

export async function handle${index}(body: { user: string; thread: string }): Promise<string[]> {
  const context: RequestContext = { userId: body.user, threadId: body.thread, runId: 'run-${index}' }
  const passed = describe${index}({ userId: body.user, threadId: body.thread, runId: context.runId })
  const parsed = JSON.parse(body.thread) as RequestContext
  const rows = await load${index}([context.threadId, describe${index}(parsed), passed])
  return rows.map(({ id }) => \`\${id} \${describe${index}(contextOf${index}(body.user))}\`)
}
`
}
