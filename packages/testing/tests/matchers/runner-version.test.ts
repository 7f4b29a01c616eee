// What the entry point of a runner says when it is loaded beside another version of it, in a process of its own.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

let app: string
afterEach(() => rmSync(app, { recursive: true }))

const expecting = 'exports.expect = Object.assign(() => {}, { extend() {}, addSnapshotSerializer() {} })'

/** Loads an entry point in an app with our package and a runner of this version, whose `expect` takes everything. */
function load(entry: 'jest' | 'vitest', version: string | undefined): string {
  app = mkdtempSync(join(tmpdir(), 'runners-'))
  const install = (name: string, manifest: object, text: string): void => {
    mkdirSync(join(app, 'node_modules', name), { recursive: true })
    writeFileSync(join(app, 'node_modules', name, 'package.json'), JSON.stringify({ name, ...manifest }))
    writeFileSync(join(app, 'node_modules', name, 'index.js'), text)
  }
  if (version !== undefined) install(entry, { version }, expecting)
  install(entry === 'jest' ? '@jest/globals' : 'vitest', { ...(version !== undefined && { version }) }, expecting)
  const ours = join(app, 'node_modules/@user-execution-context/testing')
  mkdirSync(ours, { recursive: true })
  cpSync('dist', join(ours, 'dist'), { recursive: true })
  cpSync('package.json', join(ours, 'package.json'))
  symlinkSync(resolve('../..'), join(app, 'node_modules/user-execution-context'))
  const program = `require('@user-execution-context/testing/${entry}'); console.log('loaded')`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: app, encoding: 'utf8' })
  return stdout + stderr
}

describe('the entry point of a runner', () => {
  test.each([
    ['jest', '30.9.1'],
    ['vitest', '4.0.0-beta.1'],
    ['jest', undefined],
    ['vitest', undefined],
  ] as const)('loads beside %s %s without a word', (entry, version) => {
    expect(load(entry, version).trim()).toBe('loaded')
  })

  test.each([
    ['jest', '29.7.0', 30],
    ['jest', '31.0.0', 30],
    ['vitest', '3.2.4', 4],
    ['vitest', '5.0.0', 4],
  ] as const)('loads beside %s %s, and says what it is tested with', (entry, version, tested) => {
    const output = load(entry, version)
    expect(output).toContain('loaded')
    expect(output).toContain(`${entry} ${version} is installed. The matchers of`)
    expect(output).toContain(`are tested with ${entry} ${tested}.`)
  })
})
