/**
 * The secret that seals the contexts of queued runs: made on first start, kept in a file that its owner alone can read.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ContextError } from 'user-execution-context'
import { readTextIfPresent, replaceFile } from '@user-execution-context/golden-path/login'
import type { SealingKey } from '@user-execution-context/transfer'

const fileName = 'sealing-key.json'

/**
 * The secret of a data directory that is there. A credential: do not log. Rejects with
 * `ERR_CONTEXT_STORE_UNREADABLE`.
 */
export const fileSealingKey = async (directory: string): Promise<SealingKey> => {
  const path = join(directory, fileName)
  const known = await readTextIfPresent(path)
  if (known !== undefined) return parseKey(known)
  const kid = randomBytes(6).toString('base64url')
  const key = { kty: 'oct', alg: 'A256GCM', kid, k: randomBytes(32).toString('base64url') } as const
  await replaceFile(path, JSON.stringify(key))
  return key
}

function parseKey(text: string): SealingKey {
  try {
    const { kid, k } = JSON.parse(text) as Partial<Record<string, unknown>>
    if (typeof kid === 'string' && typeof k === 'string') return { kty: 'oct', alg: 'A256GCM', kid, k }
  } catch {
    // Falls through: what JSON.parse says would quote the secret.
  }
  throw new ContextError('ERR_CONTEXT_STORE_UNREADABLE', { issues: [{ path: fileName, kind: 'does not fit' }] })
}
