/**
 * The value of a cookie, and the check that a page of ours sent the request.
 */
import { ContextError, findUnknownKeys, type Issue } from 'user-execution-context'
import { methodOf, readHeader, type AnyRequest } from '../request/any-request.ts'
import { invalidOptions, maxTokenLength, nameForm, type TokenStrategy } from './token-strategy.ts'

/** Which cookie, and which pages may send it. */
export type CookieTokenOptions = {
  /** Name of the cookie, as it is set. A name with the prefix `__Host-` cannot be set by a subdomain. */
  readonly name: string
  /**
   * The pages that may cause a change: exact origins, such as `https://app.example.com`. At least one, no pattern, no
   * path.
   */
  readonly origins: readonly string[]
}

/**
 * The value of a cookie, as it was sent: not decoded, not unsigned, both of which are your verify()'s. A browser sends
 * cookies with requests that other sites cause, so a request that may change something must come from a page of
 * `origins` (by `Origin`, else by `Sec-Fetch-Site: same-origin`); one with neither header is refused. The methods GET,
 * HEAD and OPTIONS are let through and must change nothing, but for the upgrade to a WebSocket, which is checked too.
 * A cookie that comes twice is refused: a subdomain may have set the other one.
 *
 * @param options - `name` of the cookie and `origins`.
 * @returns A strategy. It throws `ERR_CONTEXT_ORIGIN_REFUSED` (403) for a page of another origin.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { cookieToken } from '@user-execution-context/http'
 *
 * export const token = cookieToken({ name: '__Host-session', origins: ['https://app.example.com'] })
 * ```
 */
export const cookieToken: (options: CookieTokenOptions) => TokenStrategy = (options) => {
  const { name, origins } = parseOptions(options)
  return (request) => {
    const value = findCookie(readHeader(request, 'cookie'), name)
    if (value !== undefined) assertOwnPage(request, origins)
    return value
  }
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

function assertOwnPage(request: AnyRequest, origins: ReadonlySet<string>): void {
  const isUpgrade = readHeader(request, 'upgrade') !== undefined
  if (safeMethods.has(methodOf(request)) && !isUpgrade) return
  const origin = readHeader(request, 'origin')
  // A browser that names no origin says at least where the request came from; "none" is a user who typed an address.
  if (
    origin === undefined ? readHeader(request, 'sec-fetch-site') === 'same-origin' && !isUpgrade : origins.has(origin)
  )
    return
  throw new ContextError('ERR_CONTEXT_ORIGIN_REFUSED', {
    issues: [{ path: 'headers.origin', kind: origin === undefined ? 'missing' : 'does not fit' }],
    fix:
      methodOf(request) === ''
        ? 'The request names no method: pass { method, headers }, of an event of API Gateway its httpMethod or ' +
          'requestContext.http.method.'
        : 'Add the exact origin of your page to the origins of cookieToken(). No browser? Send a token.',
  })
}

/** The one value of a cookie (RFC 6265 section 4.1.1), without its quotes. */
function findCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > maxTokenLength) return undefined
  let found: string | undefined
  for (const pair of header.split(';')) {
    const end = pair.indexOf('=')
    if (end < 0 || withoutBlanks(pair.slice(0, end)) !== name) continue
    if (found !== undefined) {
      throw new ContextError('ERR_CONTEXT_IDENTITY_REFUSED', {
        issues: [{ path: 'headers.cookie', kind: 'duplicate' }],
      })
    }
    found = withoutBlanks(pair.slice(end + 1))
  }
  return found === undefined ? undefined : /^("?)([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+)\1$/.exec(found)?.[2]
}

/**
 * Without the blanks of a header around it, and no others: trim() takes off U+00A0 too, and a subdomain may set a
 * cookie whose name is that and ours behind it, which no prefix `__Host-` forbids.
 */
function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length]
  while (isBlank(text[start])) start++
  while (end > start && isBlank(text[end - 1])) end--
  return text.slice(start, end)
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}

function parseOptions(options: CookieTokenOptions): { readonly name: string; readonly origins: ReadonlySet<string> } {
  const { name, origins } = (options ?? {}) as Partial<CookieTokenOptions>
  const issues = findUnknownKeys(options ?? {}, ['name', 'origins'])
  if (typeof name !== 'string' || !nameForm.test(name)) issues.push({ path: 'name', kind: 'does not fit' })
  if (origins !== undefined && !Array.isArray(origins)) issues.push({ path: 'origins', kind: 'not an array' })
  else if (origins === undefined || origins.length === 0) issues.push({ path: 'origins', kind: 'missing' })
  else
    origins.forEach((origin, index) => {
      if (!isOrigin(origin)) issues.push({ path: `origins[${index}]`, kind: 'does not fit' })
    })
  if (issues.length > 0) throw invalidOptions(issues, issues.some(isMisfit) ? forms : undefined)
  return { name: name!, origins: new Set(origins) }
}

function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value
}

const isMisfit = ({ kind }: Issue): boolean => kind === 'does not fit'

const forms =
  'name is the name of a cookie (RFC 6265), such as __Host-session. origins are as a browser sends them: scheme, ' +
  'host and port, such as https://app.example.com, no path, no slash at the end.'
