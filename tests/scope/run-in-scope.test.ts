import { describe, expect, test } from 'vitest'
import { createForUser } from '../../src/context/user-execution-context.ts'
import { runInScope } from '../../src/scope/run-in-scope.ts'
import { catchError, catchRejection, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const context = createForUser(newUser())
const never = (): Promise<never> => new Promise(() => {})

describe('runInScope', () => {
  test('returns what the body returns, after the scope has closed', async () => {
    const log: string[] = []
    const result = await runInScope(context, {}, async (scope) => {
      expect(scope.context).toBe(context)
      scope.defer(() => log.push('closed'))
      return 42
    })
    expect([result, log]).toEqual([42, ['closed']])
  })

  test('rethrows what the body throws, unchanged, after the scope has closed', async () => {
    const log: string[] = []
    const failure = new Error('body')
    await expect(
      runInScope(context, {}, (scope) => {
        scope.defer(() => log.push('closed'))
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(log).toEqual(['closed'])
  })

  test('rethrows also a body that throws undefined', async () => {
    await expect(runInScope(context, {}, () => Promise.reject(undefined))).rejects.toBeUndefined()
  })

  test("puts the body's failure first when cleanups fail too", async () => {
    const [body, cleanup] = [new Error('body'), new Error('cleanup')]
    const error = await catchRejection(
      runInScope(context, {}, (scope) => {
        scope.defer(() => {
          throw cleanup
        })
        throw body
      }),
    )
    expect(error.code).toBe('ERR_CONTEXT_CLEANUP_FAILED')
    expect(error.errors).toEqual([body, cleanup])
    expect(error.cause).toBe(body)
  })

  test('fails when a cleanup fails although the body went well', async () => {
    const cleanup = new Error('cleanup')
    const error = await catchRejection(
      runInScope(context, {}, (scope) =>
        scope.defer(() => {
          throw cleanup
        }),
      ),
    )
    expect(error.errors).toEqual([cleanup])
  })

  test('stops waiting for a body that ignores its signal when the time is up', async () => {
    const error = await catchRejection(runInScope(context, { timeoutMs: 5 }, never))
    expect(error.code).toBe('ERR_CONTEXT_SCOPE_TIMEOUT')
  })

  test('leaves a late body a closed scope', async () => {
    let late: (() => void) | undefined
    await catchRejection(
      runInScope(context, { timeoutMs: 5 }, (scope) => {
        late = () => scope.defer(() => 0)
        return never()
      }),
    )
    expect(catchError(() => late?.()).code).toBe('ERR_CONTEXT_SCOPE_CLOSED')
  })

  test("rejects with the caller's reason when the caller aborts", async () => {
    const caller = new AbortController()
    const reason = new Error('client left')
    const run = runInScope(context, { signal: caller.signal }, never)
    caller.abort(reason)
    await expect(run).rejects.toBe(reason)
  })

  test('does not start the body when the caller has aborted already', async () => {
    let started = false
    const reason = new Error('too late')
    await expect(
      runInScope(context, { signal: AbortSignal.abort(reason) }, () => {
        started = true
      }),
    ).rejects.toBe(reason)
    expect(started).toBe(false)
  })

  test('refuses a body that is no function', async () => {
    const error = await catchRejection(runInScope(context, {}, 'body' as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['body: not a function']])
  })

  test('says where the options go when they are left out', async () => {
    const error = await catchRejection(runInScope(context, (() => 1) as never, undefined as never))
    expect(error.message).toContain('runInScope(context, {}, body)')
  })

  test('rejects, and does not throw, for a forged context', async () => {
    expect((await catchRejection(runInScope({ ...context } as never, {}, () => 1))).code).toBe('ERR_CONTEXT_NOT_ISSUED')
  })
})
