import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { toContentHash } from '../../src/engine/source-text.ts'
import { writeAndRemember } from '../../src/migrate/last-write.ts'
import { command, makeProject, type SmallProject } from './small-project.ts'

/** Runs the command, and interrupts it as soon as the condition holds. */
async function interruptWhen(project: SmallProject, words: readonly string[], isTime: () => boolean): Promise<unknown> {
  const child = spawn(process.execPath, [command, ...words], { cwd: project.root, stdio: 'ignore' })
  const exit = once(child, 'exit')
  while (!isTime() && child.exitCode === null) await wait(1)
  child.kill('SIGINT')
  return (await exit)[0]
}

describe('Ctrl-C', () => {
  test('waits for the end of an undo', async () => {
    const project = makeProject()
    const names = Array.from({ length: 2_000 }, (_, index) => `src/many/${index}.ts`)
    for (const name of names) project.write(name, 'old')
    writeAndRemember(
      project.root,
      names.map((file) => ({ file, hash: toContentHash(Buffer.from('old')), bytes: Buffer.from('new') })),
    )
    const first = join(project.root, names[0]!)
    const exitCode = await interruptWhen(project, ['migrate', '--undo'], () => readFileSync(first, 'utf8') === 'old')
    expect(names.filter((name) => project.read(name) !== 'old')).toEqual([])
    expect(exitCode).toBe(130)
  })

  test('waits for the end of a seal', async () => {
    const callers = Array.from({ length: 400 }, (_, index) => [
      `src/many/${index}.ts`,
      `import { TenantContext } from '../context'\nexport const make = (id: string) => new TenantContext(id)\n`,
    ])
    const project = makeProject({
      '.gitignore': 'node_modules\n',
      'src/chat.ts': undefined,
      'src/jobs.ts': undefined,
      'src/context.ts': 'export class TenantContext {\n  constructor(readonly userId: string) {}\n}\n',
      ...(Object.fromEntries(callers) as Record<string, string>),
    })
    project.commit()
    const journal = join(project.root, 'node_modules/.cache/user-execution-context/last-write.json')
    expect(await interruptWhen(project, ['seal', 'TenantContext', '--write'], () => existsSync(journal))).toBe(130)
    expect(project.git('status', '--porcelain').match(/^ M /gm)).toHaveLength(401)
    expect(project.git('status', '--porcelain')).not.toContain('?')
  })
})
