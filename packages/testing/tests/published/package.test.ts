// What npm would publish: it loads by import and by require, both give the same functions, and no runner comes along.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { publint } from 'publint'
import { describe, expect, test } from 'vitest'

/** Runs a program in a process of its own and gives what it printed. */
const run = (program: string): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return stdout.trim()
}

/** Every module that a program of CommonJS loads, by its path or name. */
const modulesBehind = (entryPoint: string): readonly string[] =>
  JSON.parse(
    run(`
      const Module = require('node:module')
      const load = Module._load
      const found = []
      Module._load = (request, parent, isMain) => {
        found.push(Module._resolveFilename(request, parent, isMain))
        return load(request, parent, isMain)
      }
      require('${entryPoint}')
      console.log(JSON.stringify(found))`),
  ) as readonly string[]

describe('the published package', () => {
  test('is one and the same for import and for require, with the one seal of the core', () => {
    const program = `
      const required = require('@user-execution-context/testing')
      const core = require('user-execution-context')
      const load = async () => {
        const imported = await import('@user-execution-context/testing')
        const { isUserExecutionContext } = await import('user-execution-context')
        console.log(Object.keys(required).every((name) => required[name] === imported[name]))
        console.log(isUserExecutionContext(required.testContext()), core.isUserExecutionContext(imported.testContext()))
      }
      load()`
    expect(run(program)).toBe('true\ntrue true')
  })

  test('loads no test runner with its root', () => {
    const modules = modulesBehind('@user-execution-context/testing')
    expect(modules.some((file) => file.endsWith('dist/cjs/contexts/test-context.js'))).toBe(true)
    expect(modules.filter((file) => !file.startsWith('node:') && !file.includes('/dist/cjs/'))).toEqual([])
    expect(modules.filter((file) => /vitest|jest/.test(file))).toEqual([])
  })

  test('has nothing that publint would object to', async () => {
    const { messages } = await publint({ pkgDir: process.cwd(), level: 'suggestion', strict: true })
    expect(messages).toEqual([])
  })

  test('depends on nothing at run time but its peers', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly dependencies?: object
      readonly peerDependencies: object
    }
    expect(manifest.dependencies).toBeUndefined()
    expect(Object.keys(manifest.peerDependencies)).toEqual(['jest', 'user-execution-context', 'vitest'])
  })
})
