// What an entry point loads, in a process of its own: an app that only checks tokens installs no WebSocket library.
import { execFileSync } from 'node:child_process'
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
})
