/**
 * A key in a header of its own.
 */
import { findUnknownKeys } from 'user-execution-context'
import { readHeader } from '../request/any-request.ts'
import { invalidOptions, nameForm, type TokenStrategy } from './token-strategy.ts'

/** Which header carries the key. */
export type ApiKeyOptions = {
  /** Name of the header, in any case. Default `x-api-key`. A header in which proxies name a user is refused. */
  readonly header?: string | undefined
}

/**
 * A key, or a signed assertion of a proxy, in a header of its own: 1 to 4,096 printable characters without a blank.
 * What it says is believed only after your identity provider has checked it, by a look-up of its digest or by its
 * signature (`cf-access-jwt-assertion`, `x-goog-iap-jwt-assertion`).
 *
 * @param options - `header`, optional.
 * @returns A strategy for contextFromRequest() and the frameworks.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` for a header in which proxies name a user in clear, and for one
 *   that has a strategy of its own.
 * @example
 * ```ts
 * import { apiKey } from '@user-execution-context/http'
 *
 * export const token = apiKey({ header: 'x-api-key' })
 * ```
 */
export const apiKey: (options?: ApiKeyOptions) => TokenStrategy = (options = {}) => {
  const issues = findUnknownKeys(options ?? {}, ['header'])
  if (issues.length > 0) throw invalidOptions(issues)
  const header = options?.header ?? 'x-api-key'
  if (typeof header !== 'string' || !nameForm.test(header))
    throw invalidOptions([{ path: 'header', kind: 'does not fit' }])
  const name = header.toLowerCase()
  if (namesUser.test(name)) {
    throw invalidOptions(
      [{ path: 'header', kind: 'does not fit' }],
      'Any client can send a header that names a user in clear. Have the proxy sign what it asserts, and check the ' +
        'signature in verify(). For Authorization use bearerToken(), for Cookie cookieToken().',
    )
  }
  return (request) => {
    const value = readHeader(request, name)
    return value !== undefined && keyForm.test(value) ? value : undefined
  }
}

const keyForm = /^[\x21-\x7e]{1,4096}$/

/** Headers that say who a user is without a proof, as nginx, Traefik, oauth2-proxy, Kong, Azure and others set them. */
const namesUser = new RegExp(
  [
    '^(authorization|proxy-authorization|cookie|host|origin|referer|forwarded|from|via|remote-user|user|username)$',
    '^x-(forwarded|real|original|user|remote-user|auth-request|auth-user|authenticated|consumer|webauth|credential)',
    '^x-ms-client-principal-(name|id)|^x-goog-authenticated-user|^cf-access-authenticated-user|^tailscale-user',
  ].join('|'),
)
