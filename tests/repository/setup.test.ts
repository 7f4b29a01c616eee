// What makes a fresh clone ready: in a project of the test's own, whose builds do nothing.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let project: string
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'setup-'))
  await mkdir(join(project, 'node_modules'))
  await mkdir(join(project, 'app'))
  const scripts = { 'build': 'exit 0', 'build:core': 'exit 0' }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'core', workspaces: ['app'], scripts }))
  await writeFile(join(project, 'app', 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', scripts }))
  await writeFile(join(project, 'package-lock.json'), '{}')
  const lock = createHash('sha256').update('{}').update(process.version).digest('hex')
  await writeFile(join(project, 'node_modules', '.setup-stamp'), `${lock} app`)
})
afterAll(() => rm(project, { recursive: true }))

const setUp = () =>
  spawnSync(process.execPath, [resolve('scripts/setup.mjs'), 'app'], { cwd: project, encoding: 'utf8' })
const stamp = (directory: string) => writeFile(join(project, directory, 'dist.stamp'), 'built')

describe('setup', () => {
  it('says that it builds until everything has been built once, on standard error', async () => {
    for (const directory of ['.', 'app']) {
      expect(setUp()).toMatchObject({ status: 0, stdout: '', stderr: 'Building app\n' })
      await stamp(directory)
    }
    expect(setUp()).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })
})
