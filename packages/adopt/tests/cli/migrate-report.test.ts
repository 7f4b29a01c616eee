import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject, type SmallProject } from './small-project.ts'

/** Three ids, and whatever a test adds. */
const contextWith = (...fields: readonly string[]): string =>
  `export interface RequestContext {\n${['userId: string', 'threadId: string', 'runId: string', ...fields]
    .map((field) => `  readonly ${field}\n`)
    .join('')}}\n`

function open(files: Readonly<Record<string, string | undefined>>): SmallProject {
  const project = makeProject({ '.gitignore': 'node_modules\n', 'src/jobs.ts': undefined, ...files })
  installPackages(project.root)
  project.run(['check', '--start-baseline', '--quiet'])
  project.commit()
  return project
}

const importing = "import type { RequestContext } from './context'\n"
const made = '{ userId, threadId, runId'
const ids = 'userId: string, threadId: string, runId: string'

describe('migrate', () => {
  test('says which values it gives up because the new context makes its own, and where they were given', () => {
    const project = open({
      'src/context.ts': `${contextWith('requestId: string', 'createdAt: Date', 'operationDepth: number')}
import { randomUUID } from 'node:crypto'
export const make = (${ids}, requestId: string): RequestContext =>
  (${made}, requestId, createdAt: new Date(), operationDepth: 0 })
export const fresh = (${ids}): RequestContext =>
  (${made}, requestId: randomUUID(), createdAt: new Date(), operationDepth: 0 })
export const at = (${ids}, createdAt: Date): RequestContext =>
  (${made}, requestId: 'r', createdAt, operationDepth: 1 })
`,
      'src/chat.ts': undefined,
    })
    const { stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(stdout.match(/^dropped .*/gm)).toEqual([
      expect.stringMatching(/^dropped src\/context\.ts:12 requestId: the new context makes its own/),
      expect.stringMatching(/^dropped src\/context\.ts:16 createdAt: the new context makes its own/),
    ])
    expect(stdout).toContain('3 sites moved')
  })

  test('is silent about a field that the configuration drops', () => {
    const project = open({
      'src/context.ts': `${contextWith('requestId: string')}
export const make = (${ids}, requestId: string): RequestContext => (${made}, requestId })
`,
      'src/chat.ts': undefined,
      'user-execution-context.config.json':
        '{ "types": ["RequestContext"], "migrate": { "fields": { "requestId": { "to": "drop" } } } }\n',
    })
    const { stdout } = project.run(['migrate', '--quiet'])
    expect(stdout).toContain('1 site moved')
    expect(stdout).not.toContain('dropped')
  })

  test('splits a type that carries a logger, and each of its copies, although nobody reads the logger', () => {
    const logger = 'logger: { info(text: string): void }'
    const maker = (name: string): string =>
      `export const ${name} = (${ids}, logger: RequestContext['logger']): RequestContext => (${made}, logger })\n`
    const project = open({
      'src/context.ts': contextWith(logger) + maker('first'),
      'src/copy.ts': contextWith(logger) + maker('second'),
      'src/chat.ts': `${importing}export const reply = (context: RequestContext): string => context.userId\n`,
    })
    const { stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(stdout).toContain('2 sites moved, 0 definitions merged, 2 types split')
    expect(stdout).toContain('0 left as TODO')
    for (const file of ['src/context.ts', 'src/copy.ts']) {
      expect(project.read(file)).toContain('readonly logger:')
      expect(project.read(file)).not.toContain('as unknown as')
    }
    project.commit()
    expect(project.run(['migrate', '--write', '--quiet']).stdout).toContain('Nothing to change')
  })

  test.each([
    ['a text', 'label: string'],
    ['a branded text', "label: string & { readonly __brand: 'label' }"],
    ['a list of records', 'label: readonly { readonly key: string }[]'],
  ])('still merges a type whose own field is data that nobody reads: %s', (_, field) => {
    const project = open({
      'src/context.ts': contextWith(field),
      'src/chat.ts': `${importing}export const make = (${ids}, label: RequestContext['label']): RequestContext =>
  (${made}, label })
`,
    })
    const { stdout } = project.run(['migrate', '--quiet'])
    expect(stdout).toContain('1 definition merged')
    expect(stdout).toContain('the field label has no home')
  })

  test('gives a definition and a construction that stays in its file the one type under one name', () => {
    const project = open({
      'src/context.ts': `${contextWith('label: string')}
export const make = (${ids}, label: string): RequestContext => (${made}, label })
`,
      'src/chat.ts': undefined,
    })
    const { stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(stdout).toContain('Written: 0 sites moved, 1 definition merged')
    expect(project.read('src/context.ts')).toContain('UserExecutionContext as RequestContext')
    expect(project.read('src/context.ts')).not.toContain('@ts-expect-error')
  })

  const unknown = "reply({ userId: '', threadId: 't', runId })"
  test('says once what is true of several sites of a line, with their number', () => {
    const project = open({
      'src/context.ts': `${contextWith()}export const reply = (context: RequestContext): string => context.runId\n`,
      'src/chat.ts': `import { reply } from './context'
export const two = (runId: string) => [${unknown}, ${unknown}]
`,
    })
    const { stdout } = project.run(['migrate', '--quiet'])
    expect(stdout.match(/^left .*/gm)).toEqual([expect.stringMatching(/src\/chat\.ts:2 .* \(2 times\)$/)])
    expect(stdout).toContain('2 left as TODO')
  })

  test('moves a literal that its maker freezes, and holds another value that only fits by a double assertion', () => {
    const project = open({
      'src/context.ts': `${contextWith()}
export function createContext(${ids}): RequestContext {
  return Object.freeze(${made} })
}
interface Row { userId: string; threadId: string; runId: string; extra: number }
export const fromRow = (row: Row, other?: RequestContext): RequestContext => other ?? row
`,
      'src/chat.ts': undefined,
    })
    const { stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(stdout.match(/^left .*/gm)).toEqual([
      expect.stringContaining('look-alike in fromRow: a value of another type is used as the context'),
    ])
    const text = project.read('src/context.ts')
    expect(text).not.toContain('Object.freeze')
    expect(text).toContain('row as unknown as ')
    project.commit()
    const { stdout: checked } = project.run(['check', '--quiet'], { CI: 'true' })
    expect(checked).toContain('1 of 2 moved, 1 left, 0 new')
  })

  test('moves a literal that a maker without a type freezes', () => {
    const project = open({
      'src/context.ts': `${contextWith()}
export const run = (context: RequestContext): string => context.userId
export const make = (${ids}) => Object.freeze(${made} })
`,
      'src/chat.ts': "import { make, run } from './context'\nexport const said = run(make('u', 't', 'r'))\n",
    })
    expect(project.run(['migrate', '--write', '--quiet']).stdout).toContain('Written: 1 site moved')
    expect(project.read('src/context.ts')).not.toContain('Object.freeze')
    project.commit()
    const { exitCode, stdout } = project.run(['check', '--quiet'], { CI: 'true' })
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('1 of 1 moved, 0 left, 0 new')])
  })

  test('takes what the factory made for no look-alike where the old class stays', () => {
    const project = open({
      'src/context.ts': `export class RequestContext {
  constructor(readonly userId: string, readonly threadId: string) {}
}
export const kinds = [RequestContext]
export const createContext = (userId: string, known?: RequestContext): RequestContext =>
  known ?? new RequestContext(userId, 'thread_1')
`,
      'src/chat.ts': undefined,
    })
    expect(project.run(['migrate', '--write', '--quiet']).stdout).toContain('1 site moved')
    project.commit()
    const { exitCode, stdout } = project.run(['check', '--quiet'], { CI: 'true' })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('1 of 1 moved, 0 left, 0 new')
  })

  test('leaves a class that extends the context, and says what to do about a constructor that it cannot read', () => {
    const project = open({
      'src/context.ts': `export class RequestContext {
  constructor(readonly userId: string, readonly threadId: string) {}
}
export class Admin extends RequestContext {
  readonly isAdmin = true
}
export const admin = (userId: string): RequestContext => new Admin(userId, 't')
export const of = (Kind: new (userId: string) => RequestContext): RequestContext => new Kind('u')
`,
      'src/chat.ts': undefined,
    })
    const { stdout } = project.run(['migrate', '--quiet'])
    expect(stdout).toContain('new in admin: a class that extends the context is made')
    expect(stdout).toContain('new in of: the constructor of the class was not found: call the factory here')
    expect(stdout).toContain('make the value by the factory instead')
  })
})
