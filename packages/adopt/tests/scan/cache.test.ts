// What is kept of a scan never changes an answer: random edits of a small code base, each scanned warm and cold.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import type { ScanResult } from '../../src/scan/scan-result.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const files = {
  'package.json': '{ "name": "app", "private": true }',
  'tsconfig.json': strictConfig,
  'tools/tsconfig.json': strictConfig.replace('"src"', '"."'),
  'src/context.ts': 'export interface Context { userId: string; runId: string; threadId: string }\n',
  'src/make.ts': `import type { Context } from './context'
export function make(userId: string): Context { return { userId, runId: 'r', threadId: 't' } }
export function loose(userId: string) { return { userId, runId: 'r', threadId: 't' } }
`,
  'src/pass.ts': `import { loose, make } from './make'
import { load } from 'dep'
export const made = loose('a')
export const given = () => make('b')
export const loaded = load()
`,
  'src/use.ts': `import type { Context } from './context'
import { given, loaded, made } from './pass'
export const run = (context: Context): string => context.userId
run(made)
run(given())
run(loaded)
run({ userId: 'a', runId: 'b', threadId: 'c' })
`,
  'src/cast.ts': "import type { Context } from './context'\nexport const cast = JSON.parse('{}') as Context\n",
  'src/far.ts': "export * from './use'\n",
  'src/other.ts': 'export interface Context { userId: string; runId: string; threadId: string; alias?: string }\n',
  'src/odd.ts':
    "import { run } from './use'\nrun({ userId: 'a', alias: 'b', nick: 'c', more: 'd' } as never)\n" +
    "run({ userId: 'a', alias: 'b', nick: 'c', more: 'd' })\n",
  'src/nothing.ts': "import { run } from './use'\nrun(null!)\n",
  'src/ambient.d.ts': 'declare const ambient: any\n',
  'src/ambient-use.ts': "import { run } from './use'\nrun(ambient)\n",
  'src/plain.ts': 'export const plain = 1\n',
  'tools/tool.ts': "import { run } from '../src/far'\nrun({ userId: 'a', runId: 'b', threadId: 'c' })\n",
  'node_modules/dep/package.json': '{ "name": "dep", "version": "1.0.0", "types": "./index.d.ts" }',
  'node_modules/dep/index.d.ts': 'export declare const load: () => any\n',
  'node_modules/dep/strict.d.ts':
    'export declare const load: () => { userId: string; runId: string; threadId: string }\n',
} as const

type Edit = readonly [what: string, run: (project: Project, pick: (most: number) => number) => void]
type Project = ReturnType<typeof openProject>

const openProject = () => {
  const root = temporaryProject(files)
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const sources = (): string[] => readdirSync(join(root, 'src')).filter((name) => name.endsWith('.ts'))
  return { root, read, write, sources }
}

const swap = (file: string, a: string, b: string): Edit => [
  `${a} or ${b} in ${file}`,
  ({ read, write }) => {
    const text = read(file)
    write(file, text.includes(a) ? text.replaceAll(a, b) : text.replaceAll(b, a))
  },
]

const edits: readonly Edit[] = [
  swap('src/make.ts', ': Context {', '{'),
  swap('src/make.ts', "runId: 'r', threadId: 't'", "threadId: 't', runId: 'r'"),
  swap('src/make.ts', 'return { userId', 'const a = 1; return { userId'),
  swap('src/make.ts', 'Context { return', 'Context { const longer = 1; return'),
  swap('src/other.ts', 'alias?: string', 'alias?: string; nick?: string'),
  swap('src/ambient.d.ts', ': any', ': never'),
  swap('src/context.ts', 'runId: string', 'runId: number'),
  swap('src/context.ts', 'interface Context {', 'interface Context { extra?: string;'),
  swap('src/pass.ts', "from 'dep'", "from './make'"),
  swap('src/pass.ts', 'load()', 'load() as unknown'),
  swap('src/cast.ts', 'as Context', 'as unknown'),
  swap('tsconfig.json', '"strict":true', '"strict":false'),
  swap('tsconfig.json', '"noEmit":true', '"noEmit":true,"noLib":true'),
  swap('node_modules/dep/package.json', './index.d.ts', './strict.d.ts'),
  swap('node_modules/dep/index.d.ts', '() => any', '() => never'),
  ['a new file with a site', ({ write }, pick) => write(`src/new-${pick(3)}.ts`, files['src/cast.ts'])],
  [
    'a second definition',
    ({ write }, pick) =>
      write(`src/copy-${pick(2)}.ts`, `${files['src/context.ts']}export const c: Context = ${'{}'} as Context\n`),
  ],
  ['a global name', ({ write }) => write('src/global.d.ts', 'declare const held: { userId: string }\n')],
  [
    'a file is gone',
    ({ root, sources }, pick) => {
      const left = sources().filter((name) => name !== 'context.ts')
      if (left.length > 3) rmSync(join(root, 'src', left[pick(left.length)]!))
    },
  ],
  [
    'a file has another name',
    ({ root, sources }, pick) => {
      const left = sources().filter((name) => name !== 'context.ts')
      if (left.length > 0)
        renameSync(join(root, 'src', left[pick(left.length)]!), join(root, `src/moved-${pick(9)}.ts`))
    },
  ],
  ['a file comes back', ({ write }) => Object.entries(files).forEach(([file, text]) => write(file, text))],
  [
    'a package is gone or there',
    ({ root, write }, pick) => {
      if (pick(2) === 0) rmSync(join(root, 'node_modules/dep'), { recursive: true, force: true })
      else for (const [file, text] of Object.entries(files)) if (file.startsWith('node_modules/dep')) write(file, text)
    },
  ],
  ['a comment', ({ read, write }) => write('src/context.ts', `// said\n${read('src/context.ts')}`)],
]

/** Numbers of a seed, so that a failure can be looked at. */
const pickFrom = (seed: number): ((most: number) => number) => {
  let state = seed
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
}

const asked = (root: string, cache?: string): Promise<ScanResult> =>
  scan({ root, types: ['Context'], ...(cache !== undefined && { cache }) })

/** As a report has it: without what is undefined. */
const plain = (result: ScanResult): unknown => JSON.parse(JSON.stringify({ ...result, notes: undefined }))

describe('scan with a cache', () => {
  test.each([1, 2, 3])('answers as a cold scan after every edit, seed %i', async (seed) => {
    const pick = pickFrom(seed)
    const project = openProject()
    const cache = join(project.root, 'node_modules/.cache/adopt')
    const done: string[] = []
    for (let round = 0; round < 14; round++) {
      // Sometimes two at once, so that one warm scan follows several edits.
      for (let edit = 0; edit <= pick(2); edit++) {
        const [what, run] = edits[pick(edits.length)]!
        if (attempt(() => run(project, pick))) done.push(what)
      }
      expect(plain(await asked(project.root, cache)), done.join(', ')).toEqual(plain(await asked(project.root)))
    }
  })

  test.each(edits.filter(([what]) => / or /.test(what)))(
    'answers as a cold scan after one edit: %s',
    async (_, run) => {
      const project = openProject()
      const cache = join(project.root, 'node_modules/.cache/adopt')
      await asked(project.root, cache)
      run(project, () => 0)
      expect(plain(await asked(project.root, cache))).toEqual(plain(await asked(project.root)))
    },
  )

  test.each<[string, (text: string) => string]>([
    ['cut in half', (text) => text.slice(0, text.length / 2)],
    ['changed inside', (text) => text.replace(/src\/cast\.ts/g, 'src/cost.ts')],
    ['of another program', () => 'something else'],
    ['empty', () => ''],
  ])('ignores files that are %s, and says so', async (_, spoil) => {
    const { root } = openProject()
    const cache = join(root, 'node_modules/.cache/adopt')
    await asked(root, cache)
    for (const name of readdirSync(cache)) {
      const file = join(cache, name)
      writeFileSync(file, spoil(readFileSync(file, 'utf8')))
    }
    const result = await asked(root, cache)
    expect(plain(result)).toEqual(plain(await asked(root)))
    expect(result.notes).toEqual([expect.stringContaining('not whole')])
    expect((await asked(root, cache)).notes).toBeUndefined()
  })

  test('keeps the answers of other options apart', async () => {
    const { root } = openProject()
    const cache = join(root, 'node_modules/.cache/adopt')
    await asked(root, cache)
    for (const options of [{ probe: false }, { types: ['Context', 'other'] }, { exclude: ['src/cast.ts'] }]) {
      const all = { root, types: ['Context'], ...options }
      const cold = await scan(all).then(plain, String)
      expect(await scan({ ...all, cache }).then(plain, String)).toEqual(cold)
    }
  })

  test('asks no compiler when nothing changed, and keeps nothing of files that are gone', async () => {
    const { root, write } = openProject()
    const cache = join(root, 'node_modules/.cache/adopt')
    const phases = async (): Promise<string[]> => {
      const seen = new Set<string>()
      await scan({ root, types: ['Context'], cache, onProgress: ({ phase }) => seen.add(phase) })
      return [...seen]
    }
    await phases()
    expect(await phases()).toEqual(['files'])
    write('src/cast.ts', `${files['src/cast.ts']}export const more = 1\n`)
    expect(await phases()).toContain('types')
    rmSync(join(root, 'src/cast.ts'))
    await phases()
    expect(readFileSync(join(cache, 'files.json'), 'utf8')).not.toContain('cast.ts')
  })
})

const attempt = (run: () => void): boolean => {
  try {
    run()
    return true
  } catch {
    return false // the file that it edits is gone
  }
}
