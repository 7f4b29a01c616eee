import { spawnSync } from 'node:child_process'
import { format, inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { toLogFields } from '../../src/context/to-log-fields.ts'
import { createForUser, deriveChild } from '../../src/context/user-execution-context.ts'
import { parseRunId, parseThreadId } from '../../src/facts/ids.ts'
import { copiesOf } from '../copies.ts'
import { catchError } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const context = createForUser(
  newUser('secret-user', { sessionId: 'secret-session', permissions: ['secret.permission'], tenantId: 'tenant-1' }),
  {
    threadId: parseThreadId('thread:1'),
    runId: parseRunId('run-1'),
    agentContext: { key: 'secret-agent' },
    auditMetadata: { key: 'secret-audit' },
  },
)

describe('toLogFields', () => {
  test('holds exactly the fields that may be logged', () => {
    expect(toLogFields(context)).toEqual({
      correlationId: `thread%3A1:run-1:${context.requestId}`,
      userHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      tenantId: 'tenant-1',
      threadId: 'thread:1',
      runId: 'run-1',
      requestId: context.requestId,
      parentRequestId: undefined,
      operation: 'root',
      depth: 0,
      createdAt: new Date(context.createdAtMs).toISOString(),
      expiresAt: undefined,
      identityProvider: 'vouched',
      identityReason: 'unit test',
      identityKind: 'person',
      actors: undefined,
    })
  })

  test('says the same at every print, in an object of its own that the caller may change', () => {
    const printed = createForUser(newUser('u1', { expiresAtMs: 4e12 }))
    const first = toLogFields(printed)
    const before = { ...first }
    for (const key of Object.keys(first)) Reflect.set(first, key, 'changed')
    expect(toLogFields(printed)).toEqual(before)
    expect(JSON.parse(JSON.stringify(printed))).toEqual(JSON.parse(JSON.stringify(before)))
    expect(String(printed)).toBe(`UserExecutionContext ${JSON.stringify(before)}`)
  })

  test('gives one pseudonym to a user, and another to the same id in another tenant', () => {
    const hashOf = (userId: string, tenantId?: string): string =>
      toLogFields(createForUser(newUser(userId, { tenantId }))).userHash
    expect(hashOf('a', 't')).toBe(hashOf('a', 't'))
    expect(new Set([hashOf('a'), hashOf('a', 't'), hashOf('a', 'u'), hashOf('t:a'), hashOf('b')]).size).toBe(5)
  })

  test('gives a correlation id of its own to every step of a run', () => {
    const steps = [context, deriveChild(context, 'one'), deriveChild(context, 'two')]
    expect(new Set(steps.map((step) => toLogFields(step).correlationId)).size).toBe(3)
    expect(toLogFields(steps[1]!)).toMatchObject({ parentRequestId: context.requestId, operation: 'one', depth: 1 })
  })

  test('prints an expiry as a time, and one that no date can hold as never', () => {
    const expiring = (expiresAtMs: number): string | undefined =>
      toLogFields(createForUser(newUser('u1', { expiresAtMs }))).expiresAt
    expect(expiring(4e12)).toBe('2096-10-02T07:06:40.000Z')
    expect(expiring(8.65e15)).toBe('never')
  })
})

describe('UserExecutionContext', () => {
  test.each([
    ['JSON.stringify', JSON.stringify(context)],
    ['JSON.stringify of an object that holds it', JSON.stringify({ deep: [{ context }] })],
    ['util.inspect', inspect(context)],
    ['util.inspect of an object that holds it', inspect({ deep: [context] }, { depth: 9 })],
    ['util.inspect with all options of a debugger', inspect(context, { showHidden: true, depth: 9, getters: true })],
    ['util.format', format('%s %o %O %j', context, context, context, context)],
    ['a template string', `${context}`],
    ['string concatenation', '' + String(context)],
    ['an error message', new Error(`failed for ${context}`).message],
  ])('prints redacted by %s', (_way, text) => {
    expect(text).toContain('run-1')
    expect(text).toContain(toLogFields(context).userHash)
    expect(text).not.toContain('secret')
  })

  test('prints redacted by console.log, console.error and as the value of an uncaught rejection', () => {
    const program = `
      import { createForUser } from 'user-execution-context'
      import { vouchForUser } from 'user-execution-context/restricted'
      const user = vouchForUser('secret-user', { reason: 'unit test' })
      const context = createForUser(user, { agentContext: { key: 'secret-agent' } })
      console.log(context, { context })
      console.error('%s', context)
      Promise.reject(context)`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
    expect(stdout).toContain('userHash')
    expect(stderr).toContain('userHash')
    expect(stdout + stderr.replace(program, '')).not.toContain('secret')
  })

  test('prints the same fields in every way', () => {
    const fields = JSON.parse(JSON.stringify(toLogFields(context)))
    expect(JSON.parse(JSON.stringify(context))).toEqual(fields)
    expect(JSON.parse(String(context).replace('UserExecutionContext ', ''))).toEqual(fields)
  })

  test.each(copiesOf(context))('is not readable through $name, which prints that it is a copy', ({ copy }) => {
    for (const key of ['userId', 'sessionId', 'agentContext', 'auditMetadata'] as const)
      expect(catchError(() => copy[key]).code).toBe('ERR_CONTEXT_NOT_ISSUED')
    for (const text of [JSON.stringify({ copy }), `${copy}`, String(copy)]) {
      expect(text).toContain('[copy of a UserExecutionContext]')
      expect(text).not.toContain('secret')
    }
    // Node looks through a proxy and prints the real one, redacted too.
    expect(inspect({ copy })).toMatch(/\[copy of a UserExecutionContext\]|userHash/)
    expect(inspect({ copy })).not.toContain('secret')
  })
})

describe('the memory of what users print', () => {
  test('gives each sign-in of one user its own end, in whatever order they are printed', () => {
    const ends = [4e12, undefined, 4.1e12, 4e12, undefined]
    const users = ends.map((expiresAtMs) => newUser('user-of-ends', expiresAtMs === undefined ? {} : { expiresAtMs }))
    const printed = users.map((user) => toLogFields(createForUser(user)))
    expect(printed.map(({ expiresAt }) => expiresAt)).toEqual(
      ends.map((end) => (end === undefined ? undefined : new Date(end).toISOString())),
    )
    expect(new Set(printed.map(({ userHash }) => userHash)).size).toBe(1)
  })

  test('tells users of one id apart by tenant and by namespace', () => {
    // Each differs from the one before by one of the two.
    const kinds = [{}, { namespace: 'other' }, { tenantId: 'tenant-1', namespace: 'other' }, { tenantId: 'tenant-1' }]
    const hashes = [...kinds, ...kinds].map((kind) => toLogFields(createForUser(newUser('same-id', kind))).userHash)
    expect(new Set(hashes).size).toBe(4)
    expect(hashes.slice(4)).toEqual(hashes.slice(0, 4))
  })

  test('is bounded, however many users there are', () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const toHeldBytes = (): number => (gc(), process.memoryUsage().heapUsed)
    const hashOf = (userId: string): string => toLogFields(createForUser(newUser(userId))).userHash
    const first = hashOf('user-0')
    const before = toHeldBytes()
    for (let user = 0; user < 70_000; user++) hashOf(`user-${user}`)
    expect(toHeldBytes() - before).toBeLessThan(8_000_000)
    expect(hashOf('user-0')).toBe(first)
  })
})
