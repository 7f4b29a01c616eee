/**
 * The ring and the memory that states are sealed and used up with.
 */
import { randomBytes } from 'node:crypto'
import { inProcessReplayMemory, sealingKeys } from '@user-execution-context/transfer'
import type { StateOptions } from './state-options.ts'

/** What was given, complete. Without a ring one is made that ends with this process: a state is never only signed. */
export const newStateKeys = (given: StateOptions | undefined): StateOptions => {
  const keys = given ?? { ...newRing(), replay: inProcessReplayMemory() }
  return { ...keys, ttlMs: given?.ttlMs ?? 600_000 }
}

function newRing(): Pick<StateOptions, 'sealer' | 'opener'> {
  const k = randomBytes(32).toString('base64url')
  return sealingKeys({ workload: 'mcp', keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'of-this-process', k }] })
}
