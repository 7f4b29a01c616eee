/**
 * A key in a header of its own.
 */
import { ContextError, findUnknownKeys } from 'user-execution-context'
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
 * @returns A strategy for contextFromRequest() and the frameworks. It throws `ERR_CONTEXT_IDENTITY_REFUSED` for a key
 *   that is none by its form, so that no other strategy stands in for it.
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
    throw invalidOptions(
      [{ path: 'header', kind: 'does not fit' }],
      'header is the name of a header, such as x-api-key.',
    )
  const name = header.toLowerCase()
  if (hasAnotherUse.test(name) || namesUser(name)) {
    throw invalidOptions(
      [{ path: 'header', kind: 'does not fit' }],
      'Any client can send a header that names a user in clear. Have the proxy sign what it asserts, and check the ' +
        'signature in verify(). For Authorization use bearerToken(), for Cookie cookieToken().',
    )
  }
  return (request) => {
    const value = readHeader(request, name)
    if (value === undefined || keyForm.test(value)) return value
    throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', {
      issues: [{ path: `headers.${name}`, kind: 'does not fit' }],
    })
  }
}

const keyForm = /^[\x21-\x7e]{1,4096}$/

/** Headers that have a strategy of their own, or that tell of the connection. */
const hasAnotherUse =
  /^(authorization|proxy-authorization|cookie|host|origin|referer|forwarded|from|via)$|^x-(forwarded|real|original)/

/**
 * Words of headers in which proxies say who a user is: oauth2-proxy, Traefik, Kong, authentik, Vouch, Hasura, Azure,
 * AWS, Tailscale, Apache, WebSEAL and SiteMinder. `principal` is base64 of JSON, `dn` a name in a certificate.
 */
const identifying = new Set(
  (
    'user userid username uid usr email mail login logon identity principal subject sub person member account dn upn ' +
    'group groups role roles claim claims webauth consumer authenticated credential'
  ).split(' '),
)
/** Words of headers that carry a proof all the same, such as `x-goog-iap-jwt-assertion` and `x-user-token`. */
const proving = new Set('token accesstoken key apikey secret jwt assertion signature'.split(' '))

function namesUser(header: string): boolean {
  const words = header.split(/[^a-z0-9]+/)
  // One claim of a token, such as `x-jwt-claim-sub`, has left its signature behind.
  const claim = words.findIndex((word) => word === 'claim' || word === 'claims')
  if (words.slice(0, Math.max(claim, 0)).some((word) => proving.has(word))) return true
  if (words.some((word) => proving.has(word))) return false
  return words.some((word) => identifying.has(word)) || /^x-auth-request|^sm-?user/.test(header)
}
