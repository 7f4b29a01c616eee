/**
 * One seal for every hop: a context as text that rests or travels.
 */
export { sealContext, type SealOptions } from './seal-context.ts'
export { openSealed } from './open-sealed.ts'
export type { LivenessOptions, OpenOptions, Reauthorization, SealedFacts } from './open-options.ts'
export { completeSealed } from './complete-sealed.ts'
export { approveToolCall, type ApproveOptions } from './approvals/approve-tool-call.ts'
export { openApproval, type OpenApprovalOptions } from './approvals/open-approval.ts'
export type { ToolCall } from './approvals/approval.ts'
export { sealingKeys, type SealingKey, type SealingKeysOptions } from './keys/sealing-keys.ts'
export {
  signingKeys,
  verificationKeys,
  type SigningKey,
  type SigningKeysOptions,
  type VerificationKey,
  type VerificationKeysOptions,
} from './keys/signing-keys.ts'
export type { AnyKey } from './keys/key-issues.ts'
export type { Opener, Sealer } from './keys/sealer.ts'
export type { Binding } from './binding/binding.ts'
export { parseBoundJson } from './binding/strict-json.ts'
export { inProcessReplayMemory, type InProcessReplayMemoryOptions } from './replay/in-process-replay-memory.ts'
export type { Awaitable, ReplayClaim, ReplayMemory } from './replay/replay-memory.ts'
