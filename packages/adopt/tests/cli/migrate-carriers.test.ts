import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject, type SmallProject } from './small-project.ts'

/** A type that carries a logger, four makers of it, and readers of both halves. */
function open(): SmallProject {
  const project = makeProject({
    '.gitignore': 'node_modules\n',
    'src/context.ts': `export interface Logger {
  info(text: string): void
}
export interface RequestContext {
  readonly userId: string
  readonly requestId: string
  readonly logger: Logger
}
`,
    'src/chat.ts': `import type { Logger, RequestContext } from './context'
export const reply = ({ logger, userId }: RequestContext): string => {
  logger.info('reply')
  return userId
}
export const one = (userId: string, logger: Logger): string => reply({ userId, requestId: 'r1', logger })
export const two = (userId: string, logger: Logger): RequestContext => ({ userId, requestId: 'r1', logger })
export const three = (logger: Logger): RequestContext => ({ userId: '', requestId: 'r1', logger })
`,
  })
  installPackages(project.root)
  project.run(['check', '--start-baseline', '--quiet'])
  project.commit()
  return project
}

describe('migrate --write of a type that carries more than an identity', () => {
  test('moves its makers without any configuration; check is green right after and counts them', () => {
    const project = open()
    const { stdout } = project.run(['migrate', '--write', '--quiet'])
    expect(stdout).toContain('Written: 2 sites moved, 0 definitions merged, 1 type split')
    expect(project.read('src/context.ts')).toContain('readonly context: UserExecutionContext')
    project.commit()
    for (const env of [{}, { CI: 'true' }]) {
      const check = project.run(['check', '--quiet'], env)
      expect([check.exitCode, check.stderr]).toEqual([0, ''])
      expect(check.stdout).toContain('2 of 4 moved, 2 left, 0 new')
    }
    const again = project.run(['migrate', '--write', '--quiet'])
    expect(again.stdout).toContain('Nothing to change')
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test('moves its readers and takes the fields out in steps of their own, once every maker has moved', () => {
    const project = open()
    project.run(['migrate', '--write', '--quiet'])
    project.commit()
    const early = project.run(['migrate', '--write', '--quiet', '--step', 'readers'])
    expect(early.stdout).toContain('values of it come without a sealed context: settle src/chat.ts:')
    project.write('src/chat.ts', project.read('src/chat.ts').replace(/\n[^\n]*TODO[^]*$/, '\n'))
    project.write('src/jobs.ts', 'export {}\n')
    project.run(['check', '--quiet'])
    project.commit()
    const readers = project.run(['migrate', '--write', '--quiet', '--step', 'readers'])
    expect([readers.exitCode, readers.stdout]).toEqual([0, expect.stringContaining('1 read moved')])
    expect(project.read('src/chat.ts')).toContain('{ logger, context: { userId } }: RequestContext')
    project.commit()
    const fields = project.run(['migrate', '--write', '--quiet', '--step', 'fields'])
    expect([fields.exitCode, fields.stdout]).toEqual([0, expect.stringContaining('1 field taken out')])
    expect(project.read('src/context.ts')).not.toContain('userId')
    expect(project.run(['check', '--quiet'], { CI: 'true' }).exitCode).toBe(0)
  })

  // The name is that of the sealed type, as it is in many code bases.
  test('leaves a type of the same name that carries nothing out of it, and check does, too', () => {
    const fields = 'userId: string; threadId: string; runId: string; requestId: string'
    const made = "userId, threadId: 't', runId: 'r', requestId: 'q'"
    const project = makeProject({
      '.gitignore': 'node_modules\n',
      ...{ 'src/context.ts': undefined, 'src/chat.ts': undefined, 'src/jobs.ts': undefined },
      'user-execution-context.config.json': '{ "types": ["UserExecutionContext"] }\n',
      'src/a/types.ts': `export interface UserExecutionContext { ${fields} }\n`,
      'src/a/use.ts': `import type { UserExecutionContext } from './types'
export const make = (userId: string): UserExecutionContext => ({ ${made} })
`,
      'src/b/types.ts': `export interface Log { info(text: string): void }
export interface UserExecutionContext { ${fields}; logger: Log }
`,
      'src/b/use.ts': `import type { Log, UserExecutionContext } from './types'
export const make = (userId: string, logger: Log): UserExecutionContext => ({ ${made}, logger })
export const read = (c: UserExecutionContext) => c.logger.info(c.userId)
`,
    })
    installPackages(project.root)
    project.run(['check', '--start-baseline', '--quiet'])
    project.commit()
    project.run(['migrate', '--write', '--quiet'])
    const [a, b] = ['src/a/use.ts', 'src/b/use.ts'].map((file) => project.read(file))
    expect(a).toContain('=> createForUser(')
    expect(a).not.toContain('@ts-expect-error')
    expect(b).toContain('context: createForUser(')
    project.commit()
    expect(project.run(['check', '--quiet']).exitCode).toBe(0)
    // A literal that only looks like one of the other type: nothing in it makes it a sealed context.
    const forged = `import { createForUser, type VerifiedUser } from 'user-execution-context'
import type { UserExecutionContext } from './types'
// @ts-expect-error
export const late = (u: VerifiedUser, userId: string): UserExecutionContext => ({ ${made}, context: createForUser(u) })
`
    project.write('src/a/late.ts', forged)
    const held = project.run(['check', '--quiet'])
    expect([held.exitCode, held.stdout]).toEqual([1, expect.stringContaining('new src/a/late.ts:4:')])
  })

  test('refuses a step that is none, and a part of the tree for a later step', () => {
    const project = open()
    expect(project.run(['migrate', '--step', 'all']).stderr).toContain('all is no step')
    expect(project.run(['migrate', '--step', 'fields', '--dir', 'src']).stderr).toContain('takes the whole tree')
  })

  test.each([
    [
      'a literal without the sealed member',
      "import type { Logger, RequestContext } from './context'\n" +
        "export const late = (logger: Logger): RequestContext => ({ userId: 'u', requestId: 'r', logger }) as " +
        'RequestContext\n',
    ],
    [
      'a forged member',
      "import type { Logger, RequestContext } from './context'\n" +
        "export const late = (logger: Logger): RequestContext => ({ context: {} as any, userId: 'u', requestId: " +
        "'r', logger })\n",
    ],
  ])('then holds %s', (_, text) => {
    const project = open()
    project.run(['migrate', '--write', '--quiet'])
    project.write('src/late.ts', text)
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('src/late.ts')
  })
})
