// What mcpContexts() takes, on both SDKs: what it cannot use it refuses where it is written, and not at a request.
import { describe, expect, test } from 'vitest'
import { identityProvider, liveSessions } from 'user-execution-context'
import { mcpContexts as onSdk2 } from '../src/index.ts'
import { mcpContexts as onSdk1 } from '../src/sdk-1.ts'

const good = {
  identity: identityProvider({ name: 'tokens', verify: (token: string) => ({ userId: token }) }),
  resource: 'https://notes.example.com/mcp',
  authorizationServers: ['https://id.example.com'],
  server: { name: 'notes', version: '1.0.0' },
}
const open = { 'SDK 2': onSdk2 as (options: object) => unknown, 'SDK 1': onSdk1 as (options: object) => unknown }
const faultsOf = (call: () => unknown): readonly string[] => {
  try {
    call()
    return []
  } catch (error) {
    const { code, issues } = error as { code: string; issues: readonly { path: string; kind: string }[] }
    expect(code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    return issues.map(({ path, kind }) => `${path}: ${kind}`)
  }
}

describe.each(['SDK 2', 'SDK 1'] as const)('mcpContexts on %s', (sdk) => {
  test.each<[string, object, readonly string[]]>([
    ['a key that nobody knows', { sesions: 'canary-value' }, ['sesions: unknown key']],
    ['a registry that is none', { sessions: {} }, ['sessions: does not fit']],
    ['one that only looks like it', { sessions: { revoke: () => {}, renew: () => {} } }, ['sessions: does not fit']],
    ['no server', { server: undefined }, ['server: missing']],
    ['a server that is a name', { server: 'notes' }, ['server: not an object']],
    ['a server without a name', { server: { version: '1' } }, ['server.name: missing']],
    ['a server without a version', { server: { name: 'notes', version: '' } }, ['server.version: missing']],
    ['options of a server that are none', { serverOptions: 7 }, ['serverOptions: not an object']],
    ['no function', { configure: {} }, ['configure: not a function']],
  ])('refuses %s', (_what, more, faults) => {
    expect(faultsOf(() => open[sdk]({ ...good, ...more }))).toEqual(faults)
    expect(() => open[sdk]({ ...good, ...more })).not.toThrow('canary-value')
  })

  test('takes a registry of the core', () => {
    const sessions = liveSessions({ maxProofMs: 3_600_000 })
    expect(faultsOf(() => open[sdk]({ ...good, sessions }))).toEqual([])
    sessions.close()
  })
})

describe('mcpContexts on SDK 1', () => {
  test('knows no options of SDK 2', () => {
    expect(faultsOf(() => open['SDK 1']({ ...good, legacy: 'reject' }))).toEqual(['legacy: unknown key'])
    expect(faultsOf(() => open['SDK 2']({ ...good, legacy: 'none' }))).toEqual(['legacy: does not fit'])
    const state = { sealer: {}, opener: {} }
    expect(faultsOf(() => open['SDK 1']({ ...good, state }))).toEqual(['state: unknown key'])
  })
})
