// The adapters' doors need no peer to load: what a door is not used for need not be installed.
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'

/** Every package but the core is missing for this process, and every one that was asked for is printed. */
const withoutPackages = `
  import { register } from 'node:module'
  const hook = \`export const resolve = (specifier, context, next) => {
    if (specifier.startsWith('.') || specifier.startsWith('user-execution-context') || specifier === 'ts-brand' || specifier.startsWith('file:') || specifier.startsWith('node:') || specifier.startsWith('data:')) return next(specifier, context)
    throw Object.assign(new Error('not installed: ' + specifier), { code: 'ERR_MODULE_NOT_FOUND' })
  }\`
  register('data:text/javascript,' + encodeURIComponent(hook))
`

const run = (code: string): { readonly status: number | null; readonly output: string } => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-deprecation', '--input-type=module', '-e', `${withoutPackages}\n${code}`],
    { encoding: 'utf8' },
  )
  return { status, output: stdout + stderr }
}

describe('the doors of the adapters', () => {
  test.each(['ag-ui', 'ai-sdk'])('./%s loads without any package', (door) => {
    const { status, output } = run(
      `const door = await import('./dist/${door}.js'); console.log(Object.keys(door).length > 1)`,
    )
    expect(output.trim()).toBe('true')
    expect(status).toBe(0)
  })

  test('aiSdkAgent asks for its peer when the first run starts, and names it', () => {
    const { output } = run(`
      const { aiSdkAgent } = await import('./dist/ai-sdk.js')
      const { createForUser, openScope } = await import('user-execution-context')
      const { vouchForUser } = await import('user-execution-context/restricted')
      const scope = openScope(createForUser(vouchForUser('user-1', { reason: 'test of peers' })))
      await aiSdkAgent({})(scope, { text: 'hello' }).next().catch((error) => console.log(error.message))`)
    expect(output.trim()).toBe('not installed: ai')
  })
})
