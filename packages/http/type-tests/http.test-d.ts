// Type tests of the root entry point: a context comes from a verified user, and a token from where a request names it.
import { expectNotAssignable, expectType } from 'tsd'
import {
  parseThreadId,
  type PlatformResponse,
  type UserExecutionContext,
  type UserId,
  type VerifiedUser,
} from 'user-execution-context'
import {
  apiKey,
  bearerToken,
  contextFromRequest,
  cookieToken,
  firstToken,
  toResponse,
  type AnyRequest,
  type ContextFromRequestOptions,
  type RequestIdentity,
  type TokenStrategy,
} from '@user-execution-context/http'
import type { IsAny } from '../../../type-tests/exactness.ts'

declare const identity: RequestIdentity
declare const request: Request
declare const userId: UserId

/* The identity gives a verified user, and neither its parts nor its id. */
expectType<(request: AnyRequest) => Promise<UserExecutionContext>>(contextFromRequest(identity))
expectType<Promise<UserExecutionContext>>(contextFromRequest(identity)(request))
expectNotAssignable<RequestIdentity>(async () => ({ userId }))
expectNotAssignable<RequestIdentity>(async () => userId)
expectNotAssignable<RequestIdentity>(async () => undefined)
expectNotAssignable<RequestIdentity>(async () => ({}) as Pick<VerifiedUser, keyof VerifiedUser>)
expectNotAssignable<RequestIdentity>(async () => ({}) as UserExecutionContext)
// @ts-expect-error
contextFromRequest()
// @ts-expect-error
contextFromRequest(identity)('token')
expectType<false>(false as IsAny<Awaited<ReturnType<RequestIdentity>>>)

/* The run names no user, and its ids are parsed. */
contextFromRequest(identity, { run: () => ({ threadId: parseThreadId('thread-1') }) })
contextFromRequest(identity, { run: async () => undefined })
// @ts-expect-error
contextFromRequest(identity, { run: () => ({ threadId: 'thread-1' }) })
// @ts-expect-error
contextFromRequest(identity, { run: () => ({ userId }) })
// @ts-expect-error
contextFromRequest(identity, { user: userId })
expectNotAssignable<ContextFromRequestOptions['run']>('thread-1')

/* A strategy finds a text or nothing; a cookie is only taken from origins that are listed. */
expectType<TokenStrategy>(firstToken(bearerToken(), apiKey({ header: 'x-key' })))
expectType<TokenStrategy>(cookieToken({ name: '__Host-session', origins: ['https://notes.example.com'] }))
contextFromRequest(identity, { token: bearerToken() })
contextFromRequest(identity, { token: (incoming: Request) => incoming.headers.get('x-token') ?? undefined })
// @ts-expect-error
contextFromRequest(identity, { token: (incoming: Request) => incoming.headers.get('x-token') })
// @ts-expect-error
contextFromRequest(identity, { token: 'the-token' })
// @ts-expect-error
cookieToken({ name: '__Host-session' })
// @ts-expect-error
cookieToken({ name: '__Host-session', origins: 'https://notes.example.com' })
// @ts-expect-error
firstToken(bearerToken(), 'x-key')
expectNotAssignable<TokenStrategy>(async () => 'the-token')

/* Anything may be thrown, so anything becomes an answer. */
expectType<PlatformResponse>(toResponse(new Error('no')))
