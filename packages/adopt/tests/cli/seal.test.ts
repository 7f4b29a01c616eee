import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject, type SmallProject } from './small-project.ts'

const classText = `export class TenantContext {
  constructor(readonly userId: string, readonly tenantId: string, readonly depth = 0) {
    if (userId === '') throw new Error('no user')
  }

  child(): TenantContext {
    return new TenantContext(this.userId, this.tenantId, this.depth + 1)
  }
}
`

const open = (changes: Readonly<Record<string, string | undefined>> = {}): SmallProject => {
  const project = makeProject({
    '.gitignore': 'node_modules\n',
    'user-execution-context.config.json': undefined,
    'src/jobs.ts': undefined,
    'src/context.ts': classText,
    'src/chat.ts': `import { TenantContext } from './context'
export const reply = (context: TenantContext): string => context.userId
export const handle = (userId: string): string => reply(new TenantContext(userId, 't1'))
`,
    ...changes,
  })
  project.commit()
  return project
}

describe('seal', () => {
  test('closes the constructor, adds a maker and a guard, and moves the calls to the maker', () => {
    const project = open()
    const { exitCode, stdout, stderr } = project.run(['seal', 'TenantContext', '--write', '--quiet'])
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toContain('TenantContext comes from TenantContext.create() alone')
    expect(stdout).toContain('is new and checks nothing yet')
    expect(project.read('src/context.ts')).toBe(`export class TenantContext {
  /** Never set: its name is what tsc prints for a value that was not made here. */
  declare protected readonly 'TenantContext comes from TenantContext.create() alone': never
  readonly #sealed = true

  static create(userId: string, tenantId: string, depth = 0): TenantContext {
    return new TenantContext(userId, tenantId, depth)
  }

  /** Whether a value was made here: a copy of its fields was not. */
  static is(value: unknown): value is TenantContext {
    return typeof value === 'object' && value !== null && #sealed in value
  }

  private constructor(readonly userId: string, readonly tenantId: string, readonly depth = 0) {
    if (userId === '') throw new Error('no user')
  }

  child(): TenantContext {
    return new TenantContext(this.userId, this.tenantId, this.depth + 1)
  }
}
`)
    expect(project.read('src/chat.ts')).toContain("reply(TenantContext.create(userId, 't1'))")
    project.commit()
    const again = project.run(['seal', 'TenantContext', '--write', '--quiet'])
    expect([again.exitCode, again.stdout]).toEqual([1, 'TenantContext is not sealed: it is sealed already.\n'])
  })

  test('shows what it would write, and writes nothing, without --write', () => {
    const project = open()
    const { exitCode, stdout } = project.run(['seal', 'src/context.ts#TenantContext', '--quiet'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('+  private constructor(')
    expect(stdout).toContain('Dry run, nothing was written')
    expect(project.read('src/context.ts')).toBe(classText)
  })

  test('keeps the maker that the class has, and is put back by migrate --undo', () => {
    const text = classText.replace(
      '  child()',
      '  static open(userId: string): TenantContext {\n    return new this(userId, "t")\n  }\n\n  child()',
    )
    const project = open({
      'src/context.ts': text,
      'src/chat.ts': "import { TenantContext } from './context'\nexport const made = TenantContext.open('u')\n",
    })
    const { stdout } = project.run(['seal', 'TenantContext', '--write', '--quiet'])
    expect(stdout).toBe(
      'Sealed: TenantContext comes from TenantContext.open() alone, and a copy of its fields does not compile.\n',
    )
    project.run(['migrate', '--undo'])
    expect(project.read('src/context.ts')).toBe(text)
  })

  test.each([
    [
      'a constructor that is called past the maker',
      {
        'src/context.ts': classText.replace(
          '  child()',
          '  static open(): TenantContext {\n    return new this("u", "t")\n  }\n  child()',
        ),
      },
      '1 place calls the constructor past TenantContext.open(), as src/chat.ts does',
    ],
    [
      'a class that is extended',
      { 'src/late.ts': "import { TenantContext } from './context'\nexport class Own extends TenantContext {}\n" },
      'is extended, decorated or passed on as a value in src/late.ts',
    ],
    [
      'a literal that stands for it',
      {
        'src/late.ts':
          "import type { TenantContext } from './context'\n" +
          "export const made: TenantContext = { userId: 'u', tenantId: 't', depth: 0, child: () => made }\n",
      },
      'src/late.ts:2 would not compile',
    ],
  ])('refuses %s, and names the place', (_, changes, reason) => {
    const project = open(changes)
    const { exitCode, stdout } = project.run(['seal', 'TenantContext', '--write', '--quiet'])
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining(reason)])
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test('refuses what is no class, a name that is missing and a tree with changes', () => {
    const project = open({ 'src/other.ts': 'export interface OtherContext { readonly userId: string }\n' })
    expect(project.run(['seal', 'OtherContext', '--quiet']).stderr).toContain('OtherContext is no class')
    expect(project.run(['seal']).stderr).toContain('Name the class')
    project.write('src/more.ts', 'export {}\n')
    expect(project.run(['seal', 'TenantContext', '--write']).stderr).toContain('commit or stash')
  })

  const openTwo = (): SmallProject => {
    const project = open({
      'src/agent.ts': `export class AgentContext {
  constructor(readonly userId: string, readonly runId: string) {}
}
export const work = (context: AgentContext): string => context.userId
export const run = (userId: string): string => work(new AgentContext(userId, 'r1'))
`,
    })
    installPackages(project.root)
    project.run(['init', '--type', 'TenantContext', '--type', 'AgentContext', '--quiet'])
    expect(project.run(['scan', '--quiet'])).toMatchObject({ exitCode: 1, stderr: '' })
    project.run(['check', '--start-baseline', '--quiet'])
    project.commit()
    return project
  }

  test.each([[['TenantContext', 'AgentContext']], [['AgentContext', 'TenantContext']]])(
    'leaves nothing for check to refuse when types are sealed one after the other: %s',
    (names) => {
      const project = openTwo()
      expect(project.run(['migrate', '--quiet']).stderr).toBe('')
      for (const name of names) {
        expect(project.run(['seal', name, '--write', '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' })
        const { exitCode, stdout } = project.run(['check', '--quiet'])
        expect([exitCode, stdout]).toEqual([0, expect.not.stringContaining('new src/')])
        project.commit()
      }
      expect(project.run(['scan', '--quiet']).stdout).toContain('0 left')
    },
  )

  test('leaves nothing for check to refuse when types are sealed all at once, and a copy of one is a site', () => {
    const project = openTwo()
    for (const name of ['AgentContext', 'TenantContext'])
      expect(project.run(['seal', name, '--write', '--force', '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(project.run(['check', '--quiet']).exitCode).toBe(0)
    project.write(
      'src/late.ts',
      "import type { AgentContext } from './agent'\nexport const forged = {} as unknown as AgentContext\n" +
        'export class Copied { constructor(readonly userId: string, readonly runId: string) {} }\n' +
        'export type Two = { agent: AgentContext }\n',
    )
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('new src/late.ts:2:23 cast-double of AgentContext')])
  })
})
