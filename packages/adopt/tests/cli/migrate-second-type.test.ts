import { expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject } from './small-project.ts'

test('migrate splits each type that carries more, also one that is not the first of the configuration', () => {
  const project = makeProject({
    '.gitignore': 'node_modules\n',
    'user-execution-context.config.json': '{ "types": ["RequestContext", "JobContext"] }\n',
    'src/context.ts':
      'export class RequestContext { constructor(readonly userId: string, readonly threadId: string) {} }\n',
    'src/chat.ts': `import { RequestContext } from './context'
export const show = (context: RequestContext): string => context.userId
export const one = (userId: string): string => show(new RequestContext(userId, 't'))
`,
    'src/jobs.ts': `export interface Logger { info(text: string): void }
export interface JobContext { userId: string; threadId: string; logger: Logger }
export const run = (job: JobContext): string => job.userId
export const two = (userId: string, logger: Logger): string => run({ userId, threadId: 't', logger })
`,
  })
  installPackages(project.root)
  project.commit()
  project.run(['check', '--start-baseline', '--quiet'])
  project.commit()
  const { stdout } = project.run(['migrate', '--write', '--quiet'])
  expect(stdout).toContain('2 sites moved')
  expect(project.read('src/jobs.ts')).toContain('readonly context: UserExecutionContext')
  expect(project.read('src/jobs.ts')).not.toContain('TODO')
  expect(project.run(['check', '--quiet'])).toMatchObject({ exitCode: 0 })
  project.commit()
  expect(project.run(['migrate', '--write', '--step', 'readers', '--quiet']).stdout).toContain('1 read moved')
})
