import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { files, makeProject, type SmallProject } from './small-project.ts'

/** A project with a first baseline, committed, and the package installed. */
function openWithBaseline(changes: Readonly<Record<string, string | undefined>> = {}): SmallProject {
  const project = makeProject({ '.gitignore': 'node_modules\n', ...changes })
  installPackages(project.root)
  project.run(['check', '--start-baseline', '--quiet'])
  project.commit()
  return project
}

const written = [
  'src/context.ts',
  'src/chat.ts',
  'src/jobs.ts',
  'context-baseline.json',
  'user-execution-context.config.json',
]

describe('migrate --write', () => {
  test('rewrites baseline and configuration with the code: check is green right after, and counts right', () => {
    const project = openWithBaseline()
    expect(project.run(['migrate', '--write', '--quiet']).stdout).toContain('Written: 1 site moved')
    expect(JSON.parse(project.read('user-execution-context.config.json'))).toEqual({ types: ['UserExecutionContext'] })
    project.commit()
    for (const env of [{}, { CI: 'true' }]) {
      const { exitCode, stdout, stderr } = project.run(['check', '--quiet'], env)
      expect([exitCode, stderr]).toEqual([0, ''])
      expect(stdout).toContain('1 of 2 moved, 1 left, 0 new')
    }
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test('accepts nothing that the baseline did not accept before', () => {
    const project = openWithBaseline()
    project.write(
      'src/late.ts',
      "import type { RequestContext } from './context'\n" +
        'export const late = (body: unknown): string => (body as RequestContext).userId\n',
    )
    project.commit()
    project.run(['migrate', '--write', '--quiet'])
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('src/late.ts')
  })
})

describe('a violation that nobody accepted, beside one that migrate rewrites', () => {
  const late =
    "import type { RequestContext } from './context'\n" +
    'export const late = (body: unknown): string => (body as RequestContext).userId\n'
  const other = {
    'src/other.ts': `import { reply } from './chat'
type Other = { readonly userId: string; readonly requestId: string; readonly room: string }
export const enter = (other: Other): string => reply(other)
`,
  }

  test('stays alone to be new: what migrate wrote itself is accepted', () => {
    const project = openWithBaseline(other)
    project.write('src/late.ts', late)
    project.commit()
    const before = project.run(['check', '--quiet']).stdout
    expect(before).toContain('1 new')
    project.run(['migrate', '--write', '--quiet'])
    expect(project.read('src/other.ts')).toContain('as unknown as')
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('1 new')])
    expect(stdout).toContain('new src/late.ts')
    expect(stdout).not.toContain('new src/other.ts')
  })

  test('is not accepted either where migrate rewrites it', () => {
    const project = openWithBaseline()
    project.write('src/other.ts', other['src/other.ts'])
    project.commit()
    project.run(['migrate', '--write', '--quiet'])
    expect(project.read('src/other.ts')).toContain('as unknown as')
    expect(project.run(['check', '--quiet'])).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('new src/other.ts') as string,
    })
  })
})

describe('a definition of another name that stays', () => {
  const context = files['src/context.ts'].replace('readonly requestId: string', 'requestId: string\n  threadId: string')
  const maker = `import type { HttpContext } from './http-context'
export const open = (headers: Record<string, string>): HttpContext => ({
  userId: headers['user'] ?? '', requestId: 'r', threadId: 't',
})
`
  const changes = {
    'src/context.ts': context,
    'src/chat.ts': files['src/chat.ts'].replace("requestId: 'r1'", "requestId: 'r1', threadId: 't1'"),
    'src/http-context.ts': context.replace('RequestContext', 'HttpContext'),
    'src/http.ts': maker,
  }

  test('is held by check as before, and nothing of it is counted as moved', () => {
    const project = openWithBaseline(changes)
    expect(project.read('context-baseline.json')).toContain('definition-shape')
    expect(project.run(['migrate', '--write', '--quiet']).stdout).toContain('Written: 1 site moved')
    expect(project.read('src/http-context.ts')).toBe(changes['src/http-context.ts'])
    expect(JSON.parse(project.read('user-execution-context.config.json'))).toEqual({
      types: ['UserExecutionContext', 'src/http-context.ts#HttpContext'],
    })
    project.commit()
    const held = project.run(['check', '--quiet'])
    expect([held.exitCode, held.stdout]).toEqual([0, expect.stringContaining('1 of 4 moved, 3 left, 0 new')])
    project.write('src/late.ts', maker.replace('open', 'late'))
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('new src/late.ts')])
  })
})

describe('definitions whose constructions are left', () => {
  const fields = 'constructor(readonly userId: string, readonly logger: object) {}'
  const made = 'new RequestContext(userId, {})'
  const changes = {
    'src/context.ts': `export class RequestContext {
  ${fields}
  describe(): string { return this.userId }
}
export class AdminContext extends RequestContext {}
export const open = (userId: string): RequestContext => ${made}
`,
    'src/chat.ts':
      "import { open } from './context'\nexport const handle = (userId: string): string => open(userId).userId\n",
    'src/jobs.ts': undefined,
    'src/copy.ts': `export class RequestContext { ${fields} }\n`,
    'src/bill.ts': `import { RequestContext } from './copy'
export const bill = (userId: string): string => ${made}.userId
`,
  }

  test('stay as they are, and check holds them', () => {
    const project = openWithBaseline(changes)
    expect(project.run(['migrate', '--write', '--quiet']).stdout).toContain('0 sites moved, 0 definitions merged')
    expect([project.read('src/bill.ts'), project.read('src/copy.ts')].join('')).not.toContain(' as ')
    expect(project.read('src/copy.ts')).toContain(changes['src/copy.ts'].trim())
    project.commit()
    expect(project.run(['check', '--quiet'])).toMatchObject({ exitCode: 0 })
    project.write('src/late.ts', project.read('src/bill.ts').replace('bill =', 'late ='))
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('new src/late.ts')])
  })
})

describe('the package, installed after the first baseline', () => {
  const own = Object.fromEntries(
    (['src/context.ts', 'src/chat.ts', 'src/jobs.ts', 'user-execution-context.config.json'] as const).map((file) => [
      file,
      files[file].replaceAll('RequestContext', 'UserExecutionContext'),
    ]),
  )
  const openStarted = (): SmallProject => {
    const project = makeProject({ '.gitignore': 'node_modules\n', ...own })
    project.run(['check', '--start-baseline', '--quiet'])
    project.commit()
    installPackages(project.root)
    return project
  }

  test('makes nothing new of the definition that was the source, and lets migrate go its way', () => {
    const project = openStarted()
    for (const env of [{}, { CI: 'true' }])
      expect(project.run(['check', '--quiet', '--since', 'HEAD'], env)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(project.git('status', '--porcelain')).toBe('')
    expect(project.run(['migrate', '--write', '--quiet']).stdout).toContain('1 definition merged')
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('1 of 2 moved, 1 left, 0 new')])
  })

  test('finds another copy new, and the definition too when it comes back', () => {
    const project = openStarted()
    project.write('src/copy.ts', own['src/context.ts']!)
    expect(project.run(['check', '--quiet'])).toMatchObject({ exitCode: 1 })
    project.remove('src/copy.ts')
    project.run(['migrate', '--write', '--quiet'])
    project.write('src/context.ts', own['src/context.ts']!)
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('new src/context.ts')])
  })
})

describe('migrate --undo', () => {
  test('puts code, baseline and configuration back as they were, once', () => {
    const project = openWithBaseline()
    const before = written.map((file) => project.read(file))
    project.run(['migrate', '--write', '--quiet'])
    expect(written.map((file) => project.read(file))).not.toEqual(before)
    expect(project.run(['migrate', '--undo']).exitCode).toBe(0)
    expect(written.map((file) => project.read(file))).toEqual(before)
    expect(project.git('status', '--porcelain')).toBe('')
    const again = project.run(['migrate', '--undo'])
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('was undone already')])
  })

  test('changes nothing when a file was edited since', () => {
    const project = openWithBaseline()
    project.run(['migrate', '--write', '--quiet'])
    project.write('src/chat.ts', `${project.read('src/chat.ts')}// mine\n`)
    const before = written.map((file) => project.read(file))
    const { exitCode, stderr } = project.run(['migrate', '--undo'])
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('src/chat.ts changed since migrate wrote it')])
    expect(written.map((file) => project.read(file))).toEqual(before)
  })
})
