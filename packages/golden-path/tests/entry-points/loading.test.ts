// What an entry point loads, in a process of its own: an app that only checks tokens installs no WebSocket library.
import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'

/** Loads an entry point where resolving any of some packages fails, and gives the names that it exports. */
const load = (entryPoint: string, missing: readonly string[]): readonly string[] => {
  const hooks = `
    const missing = ${JSON.stringify(missing)}
    export const resolve = (specifier, context, next) => {
      if (missing.some((name) => specifier === name || specifier.startsWith(name + '/')))
        throw Object.assign(new Error('Cannot find package ' + specifier), { code: 'ERR_MODULE_NOT_FOUND' })
      return next(specifier, context)
    }`
  const program = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}))
    const loaded = await import(${JSON.stringify(`@user-execution-context/golden-path${entryPoint}`)})
    console.log(JSON.stringify(Object.keys(loaded)))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return JSON.parse(output) as string[]
}

/** What a Node without a global `crypto` and without `hash` of node:crypto says, as Node 18. */
const loadOnOldNode = (entryPoint: string): string => {
  const hooks = `
    export const resolve = (specifier, context, next) =>
      specifier === 'node:crypto' ? { url: 'old:crypto', shortCircuit: true } : next(specifier, context)
    const { hash, ...old } = process.getBuiltinModule('node:crypto')
    const names = Object.keys(old).filter((name) => name !== 'default')
    const source = 'const crypto = process.getBuiltinModule("node:crypto"); export default crypto; export const { ' +
      names.join(', ') + ' } = crypto'
    export const load = (url, context, next) =>
      url === 'old:crypto' ? { format: 'module', source, shortCircuit: true } : next(url, context)`
  const program = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}))
    delete globalThis.crypto
    await import(${JSON.stringify(`@user-execution-context/golden-path${entryPoint}`)})`
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }).stderr
}

/** The peers that an app may have. */
const optional = ['ai', '@ag-ui/core', '@opentelemetry/api']

describe('an entry point', () => {
  test.each([
    ['', ['ws', 'jose', ...optional], 'openGoldenPath'],
    ['/login', ['ws', ...optional], 'jwtIdentity'],
    ['/server', optional, 'openGoldenPathServer'],
    ['/ai-sdk', ['ws', 'jose', ...optional], 'aiSdkAgent'],
    ['/ag-ui', ['ws', 'jose', ...optional], 'agUiMapping'],
    ['/opentelemetry', ['ws', 'jose', 'ai', '@ag-ui/core'], 'goldenPathTelemetry'],
  ])('"%s" loads without %j', (entryPoint, missing, name) => {
    expect(load(entryPoint, missing)).toContain(name)
  })

  test.each([
    ['/login', 'jose'],
    ['/server', 'ws'],
    ['/opentelemetry', '@opentelemetry/api'],
  ])('"%s" needs %s, so that this test can fail', (entryPoint, needed) => {
    expect(() => load(entryPoint, [needed])).toThrow(/Cannot find package/)
  })

  test.each(['', '/login', '/server'])('"%s" names the Node that it needs on one that is too old', (entryPoint) => {
    expect(loadOnOldNode(entryPoint)).toContain('Use Node.js >= 20.19.')
  })
})
