// What mcpContexts() takes, on both SDKs: what it cannot use it refuses where it is written, and not at a request.
import { inProcessReplayMemory, sealingKeys } from '@user-execution-context/transfer'
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
    ['a scope that no header can hold', { scopes: ['notes:read', 'заметки'] }, ['scopes[1]: does not fit']],
    ['a scope of two lines', { scopes: ['a\nb'] }, ['scopes[0]: does not fit']],
    ['two scopes in one', { scopes: ['notes:read notes:write'] }, ['scopes[0]: does not fit']],
    ['no scope', { scopes: [''] }, ['scopes[0]: does not fit']],
    ...['allowedHosts', 'allowedOrigins'].flatMap((option): [string, object, readonly string[]][] =>
      ['Notes.example.com', '127.0.0.1:1', '::1', '', 'https://notes.example.com', 'a/b', '*'].map((name) => [
        `${JSON.stringify(name)} in ${option}`,
        { [option]: ['localhost', '[::1]', name] },
        [`${option}[2]: does not fit`],
      ]),
    ),
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

describe('the state of mcpContexts', () => {
  const keys = [{ kty: 'oct', alg: 'A256GCM', kid: 'k1', k: Buffer.alloc(32, 1).toString('base64url') }] as const
  const ring = sealingKeys({ workload: 'mcp', keys })
  const replay = inProcessReplayMemory()
  const ofState = (state: unknown): readonly string[] => faultsOf(() => onSdk2({ ...good, state } as never))

  // A ring outlives a process and is shared: each process would take every state once.
  test('needs to be told where used states are remembered, once it is given a ring', () => {
    expect(ofState(ring)).toEqual(['state.replay: missing'])
    expect(() => onSdk2({ ...good, state: ring } as never)).toThrow('inProcessReplayMemory')
    expect(ofState({ ...ring, replay })).toEqual([])
    expect(ofState(undefined)).toEqual([])
  })

  test.each<[string, object | null, readonly string[]]>([
    ['null', null, ['state: not an object']],
    ['no ring', { replay }, ['state.sealer: missing', 'state.opener: missing']],
    ['a key that nobody knows', { ...ring, replay, ttl: 5 }, ['state.ttl: unknown key']],
    ['a memory that is none', { ...ring, replay: {} }, ['state.replay: does not fit']],
    ['a memory that keeps no answers', { ...ring, replay: { claim: () => {} } }, ['state.replay: does not fit']],
    ['no time', { ...ring, replay, ttlMs: 0 }, ['state.ttlMs: too small']],
    ['a time that is not a number', { ...ring, replay, ttlMs: Number.NaN }, ['state.ttlMs: too small']],
    ['a time that is none', { ...ring, replay, ttlMs: '5' }, ['state.ttlMs: not a number']],
    ['more than 400 days', { ...ring, replay, ttlMs: 400 * 86_400_000 + 1 }, ['state.ttlMs: too large']],
  ])('refuses %s', (_what, state, faults) => {
    expect(ofState(state)).toEqual(faults)
  })
})

describe.each(['SDK 2', 'SDK 1'] as const)('a registration on %s', (sdk) => {
  const handle = () => ''
  type Registers = Record<string, (...parts: unknown[]) => void>
  const register = {
    tool: (server: Registers, config: unknown) => server['registerTool']!('n', config, handle),
    prompt: (server: Registers, config: unknown) => server['registerPrompt']!('n', config, handle),
    resource: (server: Registers, config: unknown) => server['registerResource']!('n', 'notes://n', config, handle),
    template: (server: Registers, config: unknown) =>
      server['registerResourceTemplate']!('n', 'notes://{id}', config, handle),
  }
  test.each<[keyof typeof register, readonly string[]]>([
    ['tool', ['argsSchema', 'mimeType', 'size', 'cacheHint', 'list', 'complete']],
    ['prompt', ['inputSchema', 'outputSchema', 'annotations', 'mimeType', 'list', 'complete']],
    ['resource', ['inputSchema', 'argsSchema', 'list', 'complete']],
    ['template', ['inputSchema', 'argsSchema']],
  ])('of a %s refuses what it would not use', (kind, keys) => {
    const server = open[sdk](good) as Registers
    for (const key of keys)
      expect(faultsOf(() => register[kind](server, { [key]: {} }))).toEqual([`${key}: unknown key`])
    for (const config of [undefined, null, 'notes'])
      expect(faultsOf(() => register[kind](server, config))).toEqual(['config: not an object'])
    expect(faultsOf(() => register[kind](server, { description: 'Notes' }))).toEqual([])
  })

  test('of a template refuses callbacks that are none', () => {
    const server = open[sdk](good) as Registers
    const callbacks = { list: [], complete: { id: [] } }
    expect(faultsOf(() => register.template(server, callbacks))).toEqual([
      'list: not a function',
      'complete.id: not a function',
    ])
    expect(faultsOf(() => register.template(server, { complete: () => [] }))).toEqual(['complete: not an object'])
    const misspelt = { complete: { ident: () => [] } }
    expect(faultsOf(() => register.template(server, misspelt))).toEqual(['complete.ident: unknown key'])
  })
})

describe('a registration on SDK 1', () => {
  test.each(['cacheHint', 'icons'])('refuses %s, which SDK 1 does not have', (key) => {
    const server = onSdk1(good as never)
    expect(faultsOf(() => server.registerTool('n', { [key]: {} } as never, () => ''))).toEqual([`${key}: unknown key`])
  })
})
