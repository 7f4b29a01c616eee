import { describe, expect, test } from 'vitest'
import { makeProject, type SmallProject } from './small-project.ts'

const check = "  if (userId === '') throw new Error('no user')\n"
const type = `export interface RequestContext {
  readonly userId: string
  readonly threadId: string
}
`
const open = (factory: string): SmallProject =>
  makeProject({
    '.gitignore': 'node_modules\n',
    'user-execution-context.config.json': undefined,
    'src/jobs.ts': undefined,
    'src/context.ts': `${type}${factory}`,
    'src/chat.ts': `import type { RequestContext } from './context'
export const reply = (context: RequestContext): string => context.userId
export const one = (userId: string): string => reply({ userId, threadId: 't1' })
export const two = (id: string): string => reply({ threadId: 't2', userId: id })
`,
  })

const bag = `export function openContext({ userId, threadId }: { userId: string; threadId: string }): RequestContext {
${check}  return { userId, threadId }
}
`

describe('init with a factory of the code base', () => {
  test.each([
    [
      'a function that takes one field after another',
      'export const openContext = (userId: string, threadId: string): RequestContext => {\n' +
        `${check}  return { userId, threadId }\n}\n`,
      "reply(openContext(id, 't2'))",
    ],
    ['a function that takes one object', bag, "reply(openContext({ userId: id, threadId: 't2' }))"],
  ])('writes it as the target, and migrate moves to it: %s', (_, factory, moved) => {
    const project = open(factory)
    const { exitCode, stdout } = project.run(['init', '--yes', '--quiet'])
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Target: src/context.ts#openContext')])
    project.commit()
    const outcome = project.run(['migrate', '--write', '--quiet'])
    expect([outcome.stderr, outcome.stdout]).toEqual(['', expect.stringContaining('Written: 2 sites moved')])
    expect(project.read('src/chat.ts')).toContain(moved)
    expect(project.read('src/context.ts')).toBe(`${type}${factory}`)
    expect(project.run(['check', '--quiet']).exitCode).toBe(0)
  })

  test.each([
    ['does not validate', bag.replace(check, '')],
    ['is one of two', `${bag}${bag.replace('openContext', 'makeContext')}`],
    ['takes what is no field', bag.replace('threadId: string }', 'threadId: string; logger: object }')],
    [
      'could be called with shifted ids',
      "export const openContext = (userId = 'u', threadId = 't', more?: string): RequestContext => {\n" +
        `${check}  return { userId, threadId: more ?? threadId }\n}\n`,
    ],
  ])('writes no target for a factory that %s', (_, factory) => {
    const project = open(factory)
    expect(project.run(['init', '--yes', '--quiet']).exitCode).toBe(0)
    expect(project.read('user-execution-context.config.json')).not.toContain('target')
  })
})
