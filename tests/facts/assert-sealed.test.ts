// Loads the built package in processes of their own, as a bundler or an attacker would have left it.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type * as Typescript from 'typescript-5.9'

const ts: typeof Typescript = createRequire(import.meta.url)('typescript-5.9')
// Beside the package, so that its one dependency is found.
const directory = mkdtempSync(resolve('node_modules/.seal-test-'))
afterAll(() => rmSync(directory, { recursive: true }))

function run(program: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
}

/** Compiles one file of a copy of the package for a target. */
function compileFor(target: Typescript.ScriptTarget, file: string): string {
  const copy = join(directory, `${target}-${file.replaceAll('/', '-')}`)
  cpSync('dist', copy, { recursive: true })
  const path = join(copy, 'cjs', file)
  const options = { compilerOptions: { target, module: ts.ModuleKind.CommonJS } }
  writeFileSync(path, ts.transpileModule(readFileSync(path, 'utf8'), options).outputText)
  return join(copy, 'cjs/index.js')
}

describe('a build step', () => {
  const sealed = ['context/user-execution-context.js', 'identity/verified-user.js']

  test.each(sealed)('that compiles the private members of %s into collections is refused with a sentence', (file) => {
    const { status, stderr } = run(`require(${JSON.stringify(compileFor(ts.ScriptTarget.ES2021, file))})`)
    expect(status).toBe(1)
    expect(stderr).toContain('Set the target of your bundler or compiler to ES2022 or later.')
  })

  test.each(sealed)('that leaves the private members of %s as they are is not', (file) => {
    const entry = JSON.stringify(compileFor(ts.ScriptTarget.ES2022, file))
    const { status, stdout } = run(`console.log(typeof require(${entry}).createForUser)`)
    expect([status, stdout]).toEqual([0, 'function\n'])
  })

  test('leaves the collections of the program as they were', () => {
    const { stdout } = run(`
      const before = [WeakMap.prototype.has, WeakSet.prototype.has]
      require('user-execution-context')
      console.log(WeakMap.prototype.has === before[0], WeakSet.prototype.has === before[1])`)
    expect(stdout).toBe('true true\n')
  })

  test('that froze the built-ins is no reason to refuse', () => {
    const { status } = run(`
      for (const each of [WeakMap, WeakSet, Object, Array]) { Object.freeze(each); Object.freeze(each.prototype) }
      require('user-execution-context')`)
    expect(status).toBe(0)
  })
})

describe('a program that replaces built-ins after the load', () => {
  test('gets a context and its data as frozen, and hashed, as before', () => {
    const { status, stdout, stderr } = run(`
      const { createForUser, toLogFields } = require('user-execution-context')
      const { vouchForUser } = require('user-execution-context/restricted')
      const hashOf = (id) => toLogFields(createForUser(vouchForUser(id, { reason: 'test of built-ins' }))).userHash
      const before = hashOf('user-1')
      const { isFrozen } = Object
      Object.freeze = (value) => value
      const hash = { update: () => hash, digest: () => '0'.repeat(64) }
      process.getBuiltinModule = () => ({ createHash: () => hash })
      const user = vouchForUser('user-2', { reason: 'test of built-ins' })
      const context = createForUser(user, { agentContext: { plan: { name: 'pro' } } })
      console.log(JSON.stringify([
        isFrozen(user), isFrozen(context), isFrozen(context.agentContext), isFrozen(context.agentContext.plan),
        before !== hashOf('user-3'), hashOf('user-3').startsWith('0000'),
      ]))`)
    expect(status, stderr).toBe(0)
    expect(JSON.parse(stdout)).toEqual([true, true, true, true, true, false])
  })
})

describe('a program that replaced Object.freeze', () => {
  test('is refused with a sentence', () => {
    const { status, stderr } = run("Object.freeze = (value) => value; require('user-execution-context')")
    expect(status).toBe(1)
    expect(stderr).toContain('Object.freeze was replaced before this package loaded')
  })
})

describe('a second copy in one process', () => {
  test('is noticed once, with both files, and its contexts are refused by name of the cause', () => {
    cpSync('dist', join(directory, 'second-copy'), { recursive: true })
    const { stdout, stderr } = run(`
      const core = require('user-execution-context')
      const other = require(${JSON.stringify(join(directory, 'second-copy/cjs/index.js'))})
      const { vouchForUser } = require(${JSON.stringify(join(directory, 'second-copy/cjs/restricted.js'))})
      try { core.openScope(other.createForUser(vouchForUser('secret-user', { reason: 'second copy' }))) }
      catch (error) { console.log(error.message) }`)
    expect(stderr).toContain('two copies are loaded')
    expect(stderr).toContain(`${resolve('dist/cjs')}/`)
    expect(stderr).toContain(join(directory, 'second-copy/cjs'))
    expect(stderr.match(/two copies/g)).toHaveLength(1)
    expect(stdout).toContain('Another copy of this package made it.')
    expect(stdout).toContain('serverExternalPackages')
    expect(stdout).toContain('npm ls user-execution-context')
    expect(stdout + stderr).not.toContain('secret')
  })

  test('decides nothing: a forged list of copies changes no answer', () => {
    const { stdout } = run(`
      globalThis[Symbol.for('user-execution-context.copies')] = [{ toString() { throw 1 } }, 'a\\nb', 7]
      const core = require('user-execution-context')
      console.log(core.isUserExecutionContext({}))`)
    expect(stdout).toBe('false\n')
  })
})
