// Type tests: what tests get is a real context or a value that only claims to be one, and no id stands for another.
import { expectNotAssignable, expectType } from 'tsd'
import {
  parseThreadId,
  type HandleStore,
  type RunId,
  type UserExecutionContext,
  type VerifiedUser,
} from 'user-execution-context'
import {
  auditTrailContract,
  contextOf,
  contextSerializer,
  expectOnlyOwn,
  expectRefusesForgeries,
  forgeries,
  handleStoreContract,
  isContextOf,
  isSameRunAs,
  newCanary,
  revocationStoreContract,
  sameRunAs,
  testContext,
  testUser,
  type AsymmetricMatcher,
  type AuditTrailCase,
  type ContextSerializer,
  type ExpectedUser,
  type Forgery,
  type HandleStoreCase,
  type HandleStoreCaseValue,
  type RevocationNode,
  type RevocationStoreCase,
  type TestContextOptions,
} from '@user-execution-context/testing'
import type { ContextAsymmetricMatchers, ContextMatchers } from '@user-execution-context/testing/vitest'
import type { ContextMatchers as JestMatchers } from '@user-execution-context/testing/jest'
import type { IsAny, IsSame } from '../../../type-tests/exactness.ts'

declare const anything: unknown
declare const runId: RunId
declare const context: UserExecutionContext
declare const openStore: () => HandleStore<HandleStoreCaseValue>
declare const openNode: () => RevocationNode

/* Plain words are taken for ids, and an id of another kind is not. */
expectType<UserExecutionContext>(testContext())
expectType<UserExecutionContext>(testContext({ userId: 'alice', threadId: 'thread-1', permissions: ['notes:read'] }))
expectType<UserExecutionContext>(testContext({ threadId: parseThreadId('thread-1') }))
expectType<VerifiedUser>(testUser({ userId: 'alice', tenantId: 'acme' }))
expectType<false>(false as IsAny<ReturnType<typeof testContext>>)
// @ts-expect-error
testContext({ threadId: runId })
// @ts-expect-error
testContext({ userId: context.threadId })
// @ts-expect-error
testUser({ userId: 1 })
// @ts-expect-error
testUser({ threadId: 'thread-1' })
// A request id and a reason are those of the makers: a test pins neither.
// @ts-expect-error
testContext({ requestId: 'request-1' })
// @ts-expect-error
testContext({ reason: 'a test' })
expectNotAssignable<TestContextOptions>({ threadId: runId })

/* A forgery is typed as a context, so that a service takes it; the services are functions of one. */
expectType<readonly Forgery[]>(forgeries(context))
expectType<UserExecutionContext>(forgeries()[0]!.value)
expectType<Promise<void>>(expectRefusesForgeries((forged) => forged.runId))
// @ts-expect-error
forgeries(context.userId)
// @ts-expect-error
expectRefusesForgeries((userId: string) => userId)

/* A canary belongs to a user or to a context. */
expectType<string>(newCanary(context))
expectType<string>(newCanary(testUser()))
expectType<number>(expectOnlyOwn(anything, context))
// @ts-expect-error
newCanary('alice')
// @ts-expect-error
expectOnlyOwn(anything, context.userId)
// @ts-expect-error
expectOnlyOwn(context)

/* The matchers narrow, and expect a user by name or by tenant. */
if (isContextOf(anything, 'alice')) expectType<UserExecutionContext>(anything)
if (isSameRunAs(anything, context)) expectType<UserExecutionContext>(anything)
expectType<AsymmetricMatcher>(contextOf({ userId: 'alice', tenantId: undefined }))
expectType<AsymmetricMatcher>(sameRunAs(context))
expectType<ContextSerializer>(contextSerializer)
expectNotAssignable<ExpectedUser>({ userId: 'alice' })
// @ts-expect-error
sameRunAs('alice')
// @ts-expect-error
isSameRunAs(anything, { runId })

/* The entry points of the runners give the same matchers; the root gives none of them to a runner. */
expectType<true>(true as IsSame<ContextMatchers, JestMatchers>)
expectType<(expected: ExpectedUser) => void>(({} as ContextMatchers).toBeContextOf)
expectType<(expected: ExpectedUser) => Promise<void>>(({} as JestMatchers<Promise<void>>).toBeContextOf)
expectType<(one: UserExecutionContext) => AsymmetricMatcher>(({} as ContextAsymmetricMatchers).sameRunAs)

/* A contract opens what it checks. */
expectType<readonly HandleStoreCase[]>(handleStoreContract(openStore))
expectType<readonly RevocationStoreCase[]>(revocationStoreContract({ openNode, isShared: true }))
expectType<readonly AuditTrailCase[]>(auditTrailContract({ open: async () => ({ write: () => {} }), read: () => [] }))
// @ts-expect-error
auditTrailContract({ open: async () => ({ write: () => {} }) })
// @ts-expect-error
handleStoreContract(openStore())
// @ts-expect-error
handleStoreContract({} as () => HandleStore<string>)
// @ts-expect-error
revocationStoreContract({ openNode })
