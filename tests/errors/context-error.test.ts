import { describe, expect, test } from 'vitest'
import { ContextError, isContextError, toClientAnswer } from '../../src/errors/context-error.ts'
import { errorCodes, type ClientAnswer, type ContextErrorCode } from '../../src/errors/error-codes.ts'

const codes = Object.keys(errorCodes) as readonly ContextErrorCode[]

describe('ContextError', () => {
  test('has the code, the name and an empty list of issues', () => {
    const error = new ContextError('ERR_CONTEXT_NOT_ISSUED')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'ContextError', code: 'ERR_CONTEXT_NOT_ISSUED', issues: [], errors: [] })
  })

  test.each(codes)('says what happened and what to do: %s', (code) => {
    const { happened, fix } = errorCodes[code]
    expect(new ContextError(code).message).toBe(`${happened}. ${fix}`)
  })

  test('names every fault by path and kind', () => {
    const issues = [
      { path: 'threadId', kind: 'empty' },
      { path: '', kind: 'not a plain object' },
    ] as const
    expect(new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues }).message).toContain(
      '(threadId: empty; not a plain object)',
    )
  })

  test('names at most twenty faults and counts the rest', () => {
    const issues = Array.from({ length: 23 }, (_, index) => ({ path: `list[${index}]`, kind: 'not JSON' }) as const)
    const { message } = new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues })
    expect(message).toContain('list[19]: not JSON; and 3 more)')
    expect(message).not.toContain('list[20]')
  })

  test('keeps its own frozen lists of issues and errors', () => {
    const issues = [{ path: 'a', kind: 'empty' as const }]
    const errors = [new Error('first')]
    const error = new ContextError('ERR_CONTEXT_CLEANUP_FAILED', { issues, errors })
    issues.pop()
    errors.pop()
    expect(error.issues).toHaveLength(1)
    expect(error.errors).toHaveLength(1)
    expect(Object.isFrozen(error.issues) && Object.isFrozen(error.errors)).toBe(true)
  })

  test('keeps a cause, also one that is undefined, and has none otherwise', () => {
    expect(new ContextError('ERR_CONTEXT_ISOLATION', { cause: 'why' }).cause).toBe('why')
    expect('cause' in new ContextError('ERR_CONTEXT_ISOLATION', { cause: undefined })).toBe(true)
    expect('cause' in new ContextError('ERR_CONTEXT_ISOLATION')).toBe(false)
  })
})

describe('ContextError in an HTTP framework', () => {
  test.each(codes)('answers with the status of the table, and never exposes its message: %s', (code) => {
    const error = new ContextError(code)
    const { httpStatus } = errorCodes[code].client
    expect([error.statusCode, error.status, error.expose]).toEqual([httpStatus, httpStatus, false])
  })

  test.each<[ContextErrorCode, object | undefined]>([
    ['ERR_CONTEXT_IDENTITY_REFUSED', { 'www-authenticate': 'Bearer' }],
    ['ERR_CONTEXT_SIGN_IN_LIMIT', { 'retry-after': '60' }],
    ['ERR_CONTEXT_SIGN_IN_BUSY', { 'retry-after': '1' }],
    ['ERR_CONTEXT_ISOLATION', undefined],
  ])('names the headers that the status of %s needs', (code, headers) => {
    expect(new ContextError(code).headers).toEqual(headers)
  })

  test('gives the whole answer for a client as a Response, with nothing of its own message', async () => {
    const response = new ContextError('ERR_CONTEXT_TOKEN_SIGNATURE').getResponse()
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({ code: 'ERR_CONTEXT_IDENTITY_REFUSED', message: 'Please sign in.' })
  })

  test('adds no property that a log would print', () => {
    expect(Object.keys(new ContextError('ERR_CONTEXT_ISOLATION')).sort()).toEqual(['code', 'errors', 'issues', 'name'])
  })

  test('lets a framework assign the status that it sends, as Koa does', () => {
    const error = new ContextError('ERR_CONTEXT_ISOLATION') as unknown as { status: number }
    expect(() => (error.status = 404)).not.toThrow()
  })
})

describe('isContextError', () => {
  test('knows the errors of this package from all others', () => {
    expect(isContextError(new ContextError('ERR_CONTEXT_ISOLATION'))).toBe(true)
    for (const other of [new Error('x'), undefined, null, 'ERR_CONTEXT_ISOLATION', { code: 'ERR_CONTEXT_ISOLATION' }]) {
      expect(isContextError(other)).toBe(false)
    }
  })
})

describe('toClientAnswer', () => {
  test('lets a framework replace what it answers with, and nobody change the headers of all errors', () => {
    const error = new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
    expect(Object.isFrozen(error.headers)).toBe(true)
    Object.defineProperty(error, 'status', { get: () => 418 })
    expect([error.status, new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED').status]).toEqual([418, 401])
  })

  test.each(codes)("gives the table's answer and nothing of the error: %s", (code) => {
    const error = new ContextError(code, {
      cause: new Error('secret cause'),
      issues: [{ path: 'secretPath', kind: 'empty' }],
    })
    const { toldAs = code, ...answer }: ClientAnswer & { readonly toldAs?: string } = errorCodes[code].client
    expect(toClientAnswer(error)).toEqual({ code: toldAs, ...answer })
  })

  test('tells a client the same of every fault of a credential', () => {
    const answers = codes
      .filter((code) => errorCodes[code].client.httpStatus === 401)
      .map((code) => toClientAnswer(new ContextError(code)))
    expect(answers.length).toBeGreaterThan(2)
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  test.each([[new Error('secret')], ['secret'], [undefined], [{ code: 'ERR_CONTEXT_ISOLATION' }]])(
    'gives one indistinct answer for everything else',
    (error) => {
      expect(toClientAnswer(error)).toEqual({
        code: 'ERR_INTERNAL',
        message: 'Something went wrong on our side.',
        httpStatus: 500,
        closeCode: 1011,
      })
    },
  )

  test('answers also for an object that only pretends to be an error of this package', () => {
    const pretender = Object.create(ContextError.prototype) as ContextError
    expect(toClientAnswer(pretender).code).toBe('ERR_INTERNAL')
    expect(toClientAnswer(Object.assign(pretender, { code: 'toString' })).code).toBe('ERR_INTERNAL')
  })
})
