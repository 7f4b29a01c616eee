// What the plugin says when a host of another version loads it, in a process of that host's command.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeDirectory } from './hosts.ts'

/** Loads the plugin from the file of a command in a package of this name and version. */
function load(name: string, version: string): string {
  const directory = makeDirectory({})
  const host = join(directory, 'node_modules', name)
  mkdirSync(join(host, 'bin'), { recursive: true })
  writeFileSync(join(host, 'package.json'), JSON.stringify({ name, version }))
  writeFileSync(join(host, 'bin/command.js'), "require('eslint-plugin-user-execution-context'); console.log('loaded')")
  const { stdout, stderr } = spawnSync(process.execPath, [join(host, 'bin/command.js')], { encoding: 'utf8' })
  return stdout + stderr
}

describe('warnOfHostVersion', () => {
  test.each([
    ['eslint', '9.39.1'],
    ['eslint', '10.15.0'],
    ['oxlint', '1.89.0'],
    ['another-linter', '1.0.0'],
  ])('says nothing in %s %s', (name, version) => {
    expect(load(name, version).trim()).toBe('loaded')
  })

  test.each([
    ['eslint', '8.57.1', '9 and 10'],
    ['eslint', '11.0.0', '9 and 10'],
    ['oxlint', '2.0.0', '1'],
  ])('loads in %s %s, and says what it is tested with', (name, version, tested) => {
    const output = load(name, version)
    expect(output).toContain('loaded')
    expect(output).toContain(`${name} ${version} is installed. eslint-plugin-user-execution-context is tested with`)
    expect(output).toContain(`is tested with ${name} ${tested}.`)
  })
})
