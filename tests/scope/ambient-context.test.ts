import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createForUser, deriveChild, type UserExecutionContext } from '../../src/context/user-execution-context.ts'
import { parseRunId, parseThreadId } from '../../src/facts/ids.ts'
import { bindContext, currentContext, runWithContext, tryCurrentContext } from '../../src/scope/ambient-context.ts'
import { vouchForUser } from '../../src/identity/verified-user.ts'
import { openScope } from '../../src/scope/open-scope.ts'
import { own } from '../../src/scope/ownership.ts'
import { requireContext } from '../../src/scope/require-context.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const context = createForUser(newUser('user-1'))
const other = createForUser(newUser('user-2'))

describe('runWithContext', () => {
  test('is ambient in the callback and in all that it awaits, and nowhere else', async () => {
    const seen = await runWithContext(context, async () => {
      const before = currentContext()
      await delay(1)
      await nextTurn()
      return [before, currentContext()]
    })
    expect(seen).toEqual([context, context])
    expect(tryCurrentContext()).toBeUndefined()
  })

  test('keeps many users apart who await in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(3), { maxLength: 4 }), { minLength: 2, maxLength: 8 }),
        async (plans) => {
          await Promise.all(
            plans.map((waits, index) => {
              const mine = createForUser(newUser(`user-${index}`))
              return runWithContext(mine, async () => {
                for (const waitMs of waits) {
                  await delay(waitMs)
                  expect(currentContext()).toBe(mine)
                }
              })
            }),
          )
        },
      ),
      { numRuns: 20 },
    )
  })

  test('nests for a child and refuses another user', () => {
    const child = deriveChild(context, 'tool')
    runWithContext(context, () => {
      expect(runWithContext(child, currentContext)).toBe(child)
      expect(catchError(() => runWithContext(other, currentContext)).code).toBe('ERR_CONTEXT_MISMATCH')
      expect(currentContext()).toBe(context)
    })
  })

  test('refuses another run of the same user', () => {
    const another = createForUser(newUser('user-1'))
    expect(catchError(() => runWithContext(context, () => runWithContext(another, currentContext))).code).toBe(
      'ERR_CONTEXT_MISMATCH',
    )
  })
})

describe('requireContext', () => {
  const ids = { threadId: parseThreadId('thread-1'), runId: parseRunId('run-1') }
  const ambient = createForUser(newUser('user-1', { tenantId: 't-1' }), ids)

  test.each([
    ['user', createForUser(newUser('user-2', { tenantId: 't-1' }), ids)],
    ['namespace', createForUser(newUser('user-1', { tenantId: 't-1', namespace: 'https://id.example.com' }), ids)],
    ['tenant', createForUser(newUser('user-1', { tenantId: 't-2' }), ids)],
    ['tenant, which it lacks', createForUser(newUser('user-1'), ids)],
    ['thread', createForUser(newUser('user-1', { tenantId: 't-1' }), { ...ids, threadId: parseThreadId('thread-2') })],
    ['run', createForUser(newUser('user-1', { tenantId: 't-1' }), { ...ids, runId: parseRunId('run-2') })],
  ])('refuses a context that differs from the ambient one in its %s alone', (_part, stranger) => {
    runWithContext(ambient, () => {
      expect(catchError(() => requireContext(stranger)).code).toBe('ERR_CONTEXT_MISMATCH')
    })
  })

  test('lets in what agrees in all five, whichever step it is', () => {
    runWithContext(ambient, () => {
      const same = createForUser(newUser('user-1', { tenantId: 't-1' }), ids)
      for (const step of [ambient, same, deriveChild(same, 'tool')]) expect(() => requireContext(step)).not.toThrow()
    })
  })

  test('refuses an explicit context that contradicts the ambient one, at every entry point', () => {
    runWithContext(context, () => {
      for (const enter of [() => requireContext(other), () => openScope(other), () => own(other, {})]) {
        expect(catchError(enter).code).toBe('ERR_CONTEXT_MISMATCH')
      }
      expect(() => requireContext(deriveChild(context, 'tool'))).not.toThrow()
    })
  })

  test('finds out a listener that runs with the ambient context of whoever emitted', () => {
    const bus = new EventEmitter()
    let code: string | undefined
    bus.on('event', () => {
      code = catchError(() => openScope(context)).code
    })
    runWithContext(other, () => bus.emit('event'))
    expect(code).toBe('ERR_CONTEXT_MISMATCH')
  })
})

describe('bindContext', () => {
  test('runs a listener with its own context, whoever emits', () => {
    const bus = new EventEmitter()
    let seen: unknown
    bus.on(
      'event',
      bindContext(context, (word: string) => {
        seen = [currentContext(), word]
      }),
    )
    runWithContext(other, () => {
      bus.emit('event', 'hello')
      expect(currentContext()).toBe(other)
    })
    expect(seen).toEqual([context, 'hello'])
  })

  test('binds nothing of another run, and no more rights than the ambient context has', () => {
    const wide = createForUser(vouchForUser('user-1', { reason: 'unit test', permissions: ['read', 'write'] }))
    for (const ambient of [other, deriveChild(wide, 'tool', { permissions: ['read'] })])
      expect(catchError(() => runWithContext(ambient, () => bindContext(wide, () => 'ran'))).code).toBe(
        'ERR_CONTEXT_MISMATCH',
      )
  })
})

describe.each<[string, (owner: UserExecutionContext, callback: never) => unknown]>([
  ['runWithContext', runWithContext],
  ['bindContext', bindContext],
])('%s', (_name, run) => {
  test.each([[undefined], ['text'], [{}]])('refuses a callback that is no function, at once: %j', (callback) => {
    const error = catchError(() => run(context, callback as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['callback: not a function']])
  })
})

describe('currentContext', () => {
  test('throws outside of a run, where tryCurrentContext() gives undefined', () => {
    expect(catchError(currentContext).code).toBe('ERR_CONTEXT_NO_AMBIENT')
    expect(tryCurrentContext()).toBeUndefined()
  })
})
