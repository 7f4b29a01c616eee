// Type tests of the core, on the emitted declarations. Shapes are spelled out as literals: an assertion that names the
// library's own alias would follow a mutation of it. Each negative case is also a violator file, whose code is checked.
import { expectAssignable, expectNotAssignable, expectType } from 'tsd'
import {
  assertUserExecutionContext,
  createForUser,
  deriveChild,
  identityProvider,
  isUserExecutionContext,
  isVerifiedUser,
  newRunId,
  newThreadId,
  openScope,
  own,
  parseThreadId,
  parseUserId,
  runInScope,
  type JsonInput,
  type RequestId,
  type RunId,
  type RunRequest,
  type SessionId,
  type TenantId,
  type ThreadId,
  type UserExecutionContext,
  type UserId,
  type VerifiedUser,
} from 'user-execution-context'
import type { IsAny, IsSame } from './exactness.ts'

declare const user: VerifiedUser
declare const context: UserExecutionContext
declare const anything: unknown

/* Nothing that matters is any. */
expectType<false>(false as IsAny<UserExecutionContext>)
expectType<false>(false as IsAny<VerifiedUser>)
expectType<false>(false as IsAny<UserId>)
expectType<false>(false as IsAny<ThreadId>)
expectType<false>(false as IsAny<ReturnType<typeof createForUser>>)
expectType<false>(false as IsAny<Parameters<typeof createForUser>[0]>)
expectType<false>(false as IsAny<Parameters<typeof createForUser>[1]>)
expectType<false>(false as IsAny<Parameters<typeof deriveChild>[0]>)
expectType<false>(false as IsAny<UserExecutionContext[keyof UserExecutionContext]>)

/* A context has exactly these members. */
expectType<true>(
  true as IsSame<
    keyof UserExecutionContext,
    | 'userId'
    | 'sessionId'
    | 'namespace'
    | 'provenAtMs'
    | 'identityEndsAtMs'
    | 'tenantId'
    | 'permissions'
    | 'threadId'
    | 'runId'
    | 'requestId'
    | 'parentRequestId'
    | 'operation'
    | 'depth'
    | 'createdAtMs'
    | 'expiresAtMs'
    | 'identity'
    | 'actors'
    | 'agentContext'
    | 'auditMetadata'
    | 'toJSON'
    | 'toString'
  >,
)

/* Each member has exactly this type, and none can be written. */
type Frozen = { readonly [key: string]: string | number | boolean | null | readonly Value[] | Frozen }
type Value = string | number | boolean | null | readonly Value[] | Frozen
expectType<true>(
  true as IsSame<
    Omit<UserExecutionContext, 'toJSON' | 'toString' | 'agentContext' | 'auditMetadata'>,
    {
      readonly userId: UserId
      readonly sessionId: SessionId | undefined
      readonly namespace: string
      readonly provenAtMs: number
      readonly identityEndsAtMs: number | undefined
      readonly tenantId: TenantId | undefined
      readonly permissions: readonly string[]
      readonly threadId: ThreadId
      readonly runId: RunId
      readonly requestId: RequestId
      readonly parentRequestId: RequestId | undefined
      readonly operation: string
      readonly depth: number
      readonly createdAtMs: number
      readonly expiresAtMs: number | undefined
      readonly identity: {
        readonly provider: string
        readonly reason: string | undefined
        readonly kind: 'person' | 'service'
        readonly origin:
          | { readonly requestId: RequestId; readonly depth: number; readonly provider: string }
          | undefined
        readonly outlives: { readonly reason: string; readonly untilMs: number } | undefined
      }
      readonly actors: readonly {
        readonly name: string
        readonly kind: 'agent' | 'service' | 'person'
        readonly source: 'verified' | 'declared'
      }[]
    }
  >,
)
expectAssignable<Frozen>(context.agentContext)
expectAssignable<Frozen>(context.auditMetadata)
expectType<true>(
  true as IsSame<
    keyof VerifiedUser,
    | 'verificationId'
    | 'userId'
    | 'sessionId'
    | 'namespace'
    | 'tenantId'
    | 'permissions'
    | 'expiresAtMs'
    | 'issuedAtMs'
    | 'identity'
    | 'actors'
  >,
)

/* A run request has exactly these keys, all optional. */
expectType<true>(
  true as IsSame<
    RunRequest,
    {
      readonly threadId?: ThreadId | undefined
      readonly runId?: RunId | undefined
      readonly agentContext?: { readonly [key: string]: JsonInput | undefined } | undefined
      readonly auditMetadata?: { readonly [key: string]: JsonInput | undefined } | undefined
    }
  >,
)

/* The ids are strings, and each is its own. */
expectAssignable<string>(context.userId)
expectNotAssignable<UserId>('user-1')
expectNotAssignable<UserId>(context.threadId)
expectNotAssignable<ThreadId>(context.runId)
expectNotAssignable<RunId>(context.threadId)
expectNotAssignable<RequestId>(context.runId)
expectNotAssignable<SessionId>(context.userId)
expectNotAssignable<TenantId>(context.userId)
expectType<UserId>(parseUserId(anything))
expectType<ThreadId>(parseThreadId(anything))
expectType<ThreadId>(newThreadId())
expectType<RunId>(newRunId())

/* createForUser takes a verified user and a run request, and gives a context. */
expectType<UserExecutionContext>(createForUser(user))
expectType<UserExecutionContext>(createForUser(user, {}))
expectType<UserExecutionContext>(createForUser(user, { threadId: newThreadId(), runId: newRunId() }))
expectType<UserExecutionContext>(
  createForUser(user, { agentContext: { list: [1, 'two', null, { three: true }] }, auditMetadata: { a: undefined } }),
)
expectType<Promise<VerifiedUser>>(
  identityProvider({ name: 'session', verify: (cookie: string) => ({ userId: cookie }) })('cookie'),
)
// @ts-expect-error
createForUser()
// @ts-expect-error
createForUser('user-1')
// @ts-expect-error
createForUser(context.userId)
// @ts-expect-error
createForUser(context)
// @ts-expect-error
createForUser({} as Pick<VerifiedUser, keyof VerifiedUser>)
// @ts-expect-error
createForUser(Promise.resolve(user))
// @ts-expect-error
createForUser(user, 'thread-1')
// @ts-expect-error
createForUser(user, { threadId: 'thread-1' })
// @ts-expect-error
createForUser(user, { threadId: newRunId() })
// @ts-expect-error
createForUser(user, { userId: context.userId })
// @ts-expect-error
createForUser(user, { agentContext: { now: new Date() } })
// @ts-expect-error
createForUser(user, {}, newRunId())

/* No other value is a context, or a verified user. All public members are there, so that only the seal is missing. */
expectNotAssignable<UserExecutionContext>(user)
expectNotAssignable<UserExecutionContext>({} as Partial<UserExecutionContext>)
expectNotAssignable<UserExecutionContext>({} as Omit<UserExecutionContext, never>)
expectNotAssignable<UserExecutionContext>({} as Pick<UserExecutionContext, keyof UserExecutionContext>)
expectNotAssignable<UserExecutionContext>({} as Readonly<UserExecutionContext>)
expectNotAssignable<UserExecutionContext>(
  {} as { -readonly [Key in keyof UserExecutionContext]: UserExecutionContext[Key] },
)
expectNotAssignable<UserExecutionContext>(null)
expectNotAssignable<UserExecutionContext>(undefined)
expectNotAssignable<VerifiedUser>({} as Pick<VerifiedUser, keyof VerifiedUser>)
expectNotAssignable<VerifiedUser>({} as Omit<VerifiedUser, never>)
expectNotAssignable<VerifiedUser>(context)
expectNotAssignable<VerifiedUser>('user-1')

/* The guards narrow, and take anything. */
if (isUserExecutionContext(anything)) expectType<UserExecutionContext>(anything)
if (isVerifiedUser(anything)) expectType<VerifiedUser>(anything)
const asserted = (value: unknown): UserExecutionContext => {
  assertUserExecutionContext(value)
  return value
}
expectType<(value: unknown) => UserExecutionContext>(asserted)

/* A child is a context; its lineage is not the caller's to say. */
expectType<UserExecutionContext>(deriveChild(context, 'search', { agentContext: { a: 1 } }))
// @ts-expect-error
deriveChild(user, 'search')
// @ts-expect-error
deriveChild(context)
// @ts-expect-error
deriveChild(context, 'search', { runId: newRunId() })

/* A scope is opened for a context, and gives back what its body gives. */
expectType<UserExecutionContext>(openScope(context).context)
expectType<Promise<number>>(runInScope(context, {}, async () => 42))
expectType<Promise<string>>(runInScope(context, { timeoutMs: 5 }, (scope) => scope.context.operation))
expectType<{ readonly open: true }>(own(context, { open: true } as { readonly open: true }))
// @ts-expect-error
openScope(user)
// @ts-expect-error
runInScope(context, {})
// @ts-expect-error
own(context, 'text')

/* Assignments come last: they narrow what they assign to. */
// @ts-expect-error
context.userId = parseUserId('user-2')
// @ts-expect-error
context.permissions.push('admin')
// @ts-expect-error
context.agentContext['role'] = 'admin'
// @ts-expect-error
context.identity.provider = 'auth0'
// @ts-expect-error
user.userId = parseUserId('user-2')
