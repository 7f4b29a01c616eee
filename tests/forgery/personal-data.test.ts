// No printer, copier, logger or test diff gives out what may not be logged, of any sealed value of any package.
import { beforeAll, describe, expect, test } from 'vitest'
import { call } from './entry-points.ts'
import { importEntryPoint } from './native-entry-points.ts'
import { printers } from './printers.ts'

const personal = ['canary-user', 'canary-session', 'canary-agent', 'canary-audit']
const sealed = new Map<string, object>()

beforeAll(async () => {
  const core = await importEntryPoint('user-execution-context')
  const user = call(await importEntryPoint('user-execution-context/restricted'), 'vouchForUser', 'canary-user', {
    reason: 'unit test',
    sessionId: 'canary-session',
    tenantId: 'tenant-1',
    permissions: ['notes.read'],
  }) as object
  const context = call(core, 'createForUser', user, {
    agentContext: { note: 'canary-agent', list: [{ deep: 'canary-agent' }] },
    auditMetadata: { address: 'canary-audit' },
  }) as object
  const goldenPath = call(await importEntryPoint('@user-execution-context/golden-path'), 'openGoldenPath', {
    agent: async function* () {},
  }) as Record<string, (...parameters: unknown[]) => unknown>
  const transport = { send: () => {}, close: () => {}, bufferedAmount: 0 }
  sealed
    .set('VerifiedUser', user)
    .set('UserExecutionContext', context)
    .set(
      'a child context',
      call(core, 'deriveChild', context, 'tool', { agentContext: { more: 'canary-agent' } }) as object,
    )
    .set('Scope', call(core, 'openScope', context) as object)
    .set('Connection', goldenPath['connect']!(context, transport) as object)
    .set('AgentRun', (await goldenPath['execute']!(context, { text: 'hello' })) as object)
})

describe.each(Object.entries(printers))('%s', (_name, print) => {
  test('gives out a user id that is a plain property, so that its silence means something', async () => {
    const leaky = Object.defineProperty({ userId: 'canary-user' }, 'toString', { value: () => 'canary-user' })
    expect(await print(leaky)).toContain('canary-user')
  })

  test('gives out nothing personal of a sealed value', async () => {
    expect(sealed.size).toBe(6)
    for (const [name, value] of sealed) {
      const output = await print(value)
      expect([name, personal.filter((canary) => output.includes(canary))]).toEqual([name, []])
    }
  })
})
