/**
 * Names of shards: in sentences, in commands and in the hash that places owners.
 */
import { ContextError } from 'user-execution-context'

const name = /^[a-z0-9][a-z0-9_-]{0,62}$/

/** @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const assertShardNames = (names: readonly string[]): void => {
  if (names.length > 0 && names.every((each) => name.test(each))) return
  throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues: [{ path: 'shards', kind: 'does not fit' }] })
}
