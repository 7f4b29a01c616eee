// Type tests: an opener and a sealer come from key rings only, and no opening forgets how the identity is checked.
import { expectAssignable, expectNotAssignable, expectType } from 'tsd'
import type { LiveSessions, UserExecutionContext } from 'user-execution-context'
import {
  openSealed,
  sealContext,
  sealingKeys,
  signingKeys,
  type Opener,
  type OpenOptions,
  type Sealer,
  type SealOptions,
  type SigningKey,
  type SigningKeysOptions,
} from '@user-execution-context/transfer'

declare const context: UserExecutionContext
declare const sessions: LiveSessions
declare const sealer: Sealer
declare const opener: Opener
declare const key: SigningKey

expectType<Promise<string>>(sealContext(context, { sealer, audience: 'a', purpose: 'p', ttlMs: 1 }))
expectType<Promise<UserExecutionContext>>(
  openSealed('text', { opener, audience: 'a', purpose: 'p', liveness: 'end-only' }),
)
expectType<Opener>(sealingKeys({ workload: 'web', keys: [] }).opener)
expectType<Sealer>(signingKeys({ workload: 'web', key, readable: true }).sealer)

const hop = { audience: 'a', purpose: 'p' } as const
expectAssignable<OpenOptions>({ ...hop, opener, sessions })
expectAssignable<OpenOptions>({ ...hop, opener, liveness: 'end-only' })
// One of the two, by name.
expectNotAssignable<OpenOptions>({ ...hop, opener })
expectNotAssignable<OpenOptions>({ ...hop, opener, sessions, liveness: 'end-only' })
expectNotAssignable<OpenOptions>({ ...hop, opener, liveness: 'none' })
expectNotAssignable<OpenOptions>({ ...hop, opener, sessions: {} })
// A variable that was never set is no check that never runs.
expectNotAssignable<OpenOptions>({ ...hop, opener, sessions, owner: undefined })
expectNotAssignable<OpenOptions>({ ...hop, opener, sessions, runId: undefined })
// An opener of a caller's own would be a second way to make users.
expectNotAssignable<Opener>({})
expectNotAssignable<Opener>(sealer)
expectNotAssignable<Sealer>({})
expectNotAssignable<Sealer>(opener)
expectNotAssignable<OpenOptions>({ ...hop, opener: { ...opener }, sessions })
// Bytes, and no text that somebody encodes in their own way.
expectAssignable<SealOptions>({ ...hop, sealer, ttlMs: 1, bind: new Uint8Array(1) })
expectAssignable<SealOptions>({ ...hop, sealer, ttlMs: 1, bind: [new Uint8Array(1)] })
expectNotAssignable<SealOptions>({ ...hop, sealer, ttlMs: 1, bind: 'text' })
expectNotAssignable<SealOptions>({ ...hop, sealer, bind: new Uint8Array(1) })
// Pseudonyms, or readable by name.
expectAssignable<SigningKeysOptions>({ workload: 'web', key, pairwiseSecret: 's' })
expectNotAssignable<SigningKeysOptions>({ workload: 'web', key })
expectNotAssignable<SigningKeysOptions>({ workload: 'web', key, pairwiseSecret: 's', readable: true })
