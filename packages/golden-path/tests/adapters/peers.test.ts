// Which versions of the optional peers run, in a process of its own with a package of that version beside ours.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'

let app: string
afterEach(() => rmSync(app, { recursive: true }))

/** Runs code in an app that has our package, and perhaps a peer of a version. Gives what it prints. */
const run = (
  code: string,
  peer?: { readonly name: string; readonly version: string; readonly source: string },
): string => {
  app = mkdtempSync(join(tmpdir(), 'peers-'))
  const modules = join(app, 'node_modules')
  const ours = join(modules, '@user-execution-context/golden-path')
  mkdirSync(ours, { recursive: true })
  cpSync('dist', join(ours, 'dist'), { recursive: true })
  cpSync('package.json', join(ours, 'package.json'))
  symlinkSync(resolve('../..'), join(modules, 'user-execution-context'))
  if (peer !== undefined) {
    const { name, version, source } = peer
    mkdirSync(join(modules, name), { recursive: true })
    writeFileSync(join(modules, name, 'package.json'), JSON.stringify({ name, version, main: 'index.mjs' }))
    writeFileSync(join(modules, name, 'index.mjs'), source)
  }
  writeFileSync(join(app, 'program.mjs'), code)
  const { stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], { cwd: app, encoding: 'utf8' })
  return stdout + stderr
}

const agentProgram = `
  import { aiSdkAgent } from '@user-execution-context/golden-path/ai-sdk'
  import { createForUser, openScope } from 'user-execution-context'
  import { vouchForUser } from 'user-execution-context/restricted'
  const scope = openScope(createForUser(vouchForUser('user-1', { reason: 'test of peers' })))
  for await (const event of aiSdkAgent({})(scope, { text: 'hello' })) console.log(event.type)
`
const working = `
  export const streamText = () => ({ fullStream: [{ type: 'text-delta', text: 'hi' }] })
  export const stepCountIs = () => () => false
`

describe('aiSdkAgent', () => {
  test.each(['6.0.0', '6.9.1-canary.3', '7.0.173'])('runs with ai %s, without a warning', (version) => {
    const output = run(agentProgram, { name: 'ai', version, source: working })
    expect(output.trim().split('\n')).toEqual(['agent_message_delta', 'agent_completed'])
  })

  test.each(['4.3.0', '5.0.212'])(
    'refuses ai %s in one sentence that names the versions that are tested',
    (version) => {
      const output = run(agentProgram, { name: 'ai', version, source: working })
      expect(output).toContain('ERR_CONTEXT_PEER_UNSUPPORTED')
      expect(output).toContain('ai 6 or 7')
      expect(output).not.toContain('agent_completed')
    },
  )

  test('runs with a newer ai, and says once which versions are tested', () => {
    const output = run(
      agentProgram +
        agentProgram
          .replaceAll(/import .*/g, '')
          .replace('const scope', 'const again')
          .replace('(scope', '(again'),
      {
        name: 'ai',
        version: '8.1.0',
        source: working,
      },
    )
    expect(output.match(/agent_completed/g)).toHaveLength(2)
    expect(output.match(/ai 8 is installed.*tested with ai 6 and 7/g)).toHaveLength(1)
  })

  test('refuses a newer ai that lacks what it calls', () => {
    const output = run(agentProgram, { name: 'ai', version: '9.0.0', source: 'export const streamText = () => ({})' })
    expect(output).toContain('ERR_CONTEXT_PEER_UNSUPPORTED')
  })

  test('names its peer when that is not installed', () => {
    expect(run(agentProgram)).toContain(`Cannot find package 'ai'`)
  })
})

describe('agUiMapping', () => {
  const program = `
    import { agUiMapping } from '@user-execution-context/golden-path/ag-ui'
    agUiMapping()
    agUiMapping()
    console.log('mapped')
  `
  test.each(['0.0.59', '0.1.1', '1.0.0'])('gives no warning with @ag-ui/core %s', (version) => {
    expect(run(program, { name: '@ag-ui/core', version, source: '' }).trim()).toBe('mapped')
  })

  test('says once which versions are tested when a newer one is installed', () => {
    const output = run(program, { name: '@ag-ui/core', version: '2.0.0', source: '' })
    expect(output.match(/tested with @ag-ui\/core 0 and 1/g)).toHaveLength(1)
    expect(output).toContain('mapped')
  })

  test('needs no @ag-ui/core', () => {
    expect(run(program).trim()).toBe('mapped')
  })
})
