/**
 * The secret that signs access tokens: made on first start, kept in one file that its owner alone can read.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ContextError } from 'user-execution-context'
import { isPlainObject } from '../phases/wire/plain-object.ts'
import type { JwtKey } from './jwt-keys.ts'
import { makeDirectory } from './make-directory.ts'
import { readTextIfPresent, replaceFile } from './replace-file.ts'

/** The secret that signs access tokens. A credential: do not log. */
export type SigningSecret = JwtKey & { readonly alg: 'HS256' }

/**
 * The secret of a data directory (`signing-secret.json`, mode 0600). There is no default and no variable for it: two
 * installations never share one by accident.
 *
 * @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE` when the file is not what this function wrote;
 *   `ERR_CONTEXT_INVALID_OPTIONS` for a directory that cannot be used.
 * @example
 * ```ts
 * import { fileSigningSecret } from '@user-execution-context/golden-path/login'
 *
 * export const readSecret = () => fileSigningSecret('.data')
 * ```
 */
export const fileSigningSecret = async (directory: string): Promise<SigningSecret> => {
  await makeDirectory(directory)
  const path = join(directory, 'signing-secret.json')
  const known = await readTextIfPresent(path)
  if (known !== undefined) return parseSecret(known)
  const secret = {
    kty: 'oct',
    alg: 'HS256',
    kid: randomBytes(6).toString('base64url'),
    k: randomBytes(32).toString('base64url'),
  } as const
  await replaceFile(path, JSON.stringify(secret))
  return secret
}

function parseSecret(text: string): SigningSecret {
  const secret = tryParse(text)
  if (
    isPlainObject(secret) &&
    secret['kty'] === 'oct' &&
    secret['alg'] === 'HS256' &&
    typeof secret['k'] === 'string' &&
    typeof secret['kid'] === 'string'
  ) {
    return { kty: 'oct', alg: 'HS256', kid: secret['kid'], k: secret['k'] }
  }
  throw new ContextError('ERR_CONTEXT_STORE_UNREADABLE', {
    issues: [{ path: 'signing-secret.json', kind: 'does not fit' }],
  })
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
