/**
 * What mcpContexts() takes, and the check of it. Nothing here knows a version of the MCP SDK.
 */
import {
  ContextError,
  findUnknownKeys,
  identityProvider,
  isContextError,
  toIssuePath,
  type Issue,
  type LiveSessions,
  type VerifiedUser,
} from 'user-execution-context'
import type { runWithContext } from 'user-execution-context/ambient'
import { newStateKeys } from '../state/state-keys.ts'
import { findStateFix, findStateIssues, type StateOptions } from '../state/state-options.ts'
import { parseLimits, type McpLimits } from './limits.ts'

/** What tells a server of another. */
export type CommonOptions = {
  /**
   * From an access token to its user: a function made by identityProvider(), such as jwtIdentity(). It is asked for
   * each request.
   */
  readonly identity: (token: string) => Promise<VerifiedUser>
  /**
   * The address of this server as its clients know it: an absolute http(s) URL of at most 256 characters, without
   * a fragment. It is the resource identifier that a token must be issued for (RFC 8707).
   */
  readonly resource: string
  /** The issuers that give tokens for it, as absolute URLs: part of the metadata (RFC 9728). At least one. */
  readonly authorizationServers: readonly string[]
  /**
   * What stands in the `aud` of a token for this server, where the issuer writes something else than `resource`. One of
   * them is enough. Default `resource`.
   */
  readonly audience?: string | readonly string[] | undefined
  /**
   * The audience of a token that is no signed JWT, such as from an introspection (RFC 7662). Called after `identity`
   * has accepted the token. Default: the `aud` of the JWT; a token of another form is refused.
   */
  readonly audienceOf?: ((token: string) => Audience | Promise<Audience>) | undefined
  /** Scopes that clients may ask the issuer for: part of the metadata. Default none. */
  readonly scopes?: readonly string[] | undefined
  /** Default: a ring and a memory of this process, so that a restart ends what waits for an answer. */
  readonly state?: StateOptions | undefined
  /**
   * From liveSessions(), the one that `identity` files proofs in: a state of a session that was signed out opens no
   * more.
   */
  readonly sessions?: LiveSessions | undefined
  readonly limits?: Partial<McpLimits> | undefined
  /**
   * runWithContext() of `user-execution-context/ambient`: handlers run with the context of their call ambient, and what
   * they call refuses one with more rights, or of another user. Default none: no await gets more expensive.
   */
  readonly ambient?: typeof runWithContext | undefined
  /** Names of hosts that requests may name in `Host`. Default: the one of `resource`. */
  readonly allowedHosts?: readonly string[] | undefined
  /**
   * Names of hosts whose pages may call from a browser (`Origin`). Default: the one of `resource`. It refuses the pages
   * of others, and lets nobody in: a page of another origin needs an answer to its preflight (CORS) as well. List it in
   * `corsOrigins`, or answer preflights in front of `fetch`.
   */
  readonly allowedOrigins?: readonly string[] | undefined
  /**
   * Origins whose pages may call from a browser and read the answers (CORS), each exact, such as
   * `https://app.example.com`: `fetch` answers their preflights. Credentials are never allowed, and `*` is refused.
   * Default none.
   */
  readonly corsOrigins?: readonly string[] | undefined
  /** Told of what went wrong and was answered without its reason. Must not throw. Default: nothing is told. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** What a token says it is for: one name or several, undefined for none. */
export type Audience = string | readonly string[] | undefined

/** The options, complete. */
export type Settings = Omit<CommonOptions, 'audience' | 'state' | 'limits' | 'scopes' | 'corsOrigins'> & {
  readonly resourceUrl: URL
  readonly audiences: readonly string[]
  readonly scopes: readonly string[]
  readonly state: StateOptions
  readonly limits: McpLimits
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly report: (error: unknown) => void
}

const known: readonly string[] = [
  ...['identity', 'resource', 'authorizationServers', 'audience', 'audienceOf', 'scopes', 'sessions', 'limits'],
  ...['ambient', 'allowedHosts', 'allowedOrigins', 'corsOrigins', 'onError', 'server', 'serverOptions', 'configure'],
]
/** What both SDKs take of a server, and how one of them serves older clients. */
type ServerOptions = Partial<Record<'server' | 'serverOptions' | 'configure' | 'legacy', unknown>>

/** The settings; `more` names the options of one SDK. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. */
export const parseOptions = (options: CommonOptions, more: readonly string[]): Settings => {
  const issues = findUnknownKeys(options, [...known, ...more])
  const copy = { ...(typeof options === 'object' ? options : undefined) } as CommonOptions & ServerOptions
  const { identity, resource, authorizationServers, audience = resource, audienceOf, scopes = [], onError } = copy
  const resourceUrl = toUrl(resource)
  const audiences = typeof audience === 'string' ? [audience] : audience
  const { limits, issues: ofLimits } = parseLimits(copy.limits)
  const hosts = copy.allowedHosts ?? [resourceUrl?.hostname ?? '']
  const origins = copy.allowedOrigins ?? [resourceUrl?.hostname ?? '']
  const corsOrigins = copy.corsOrigins ?? []
  const expect = (isRight: boolean, path: string, kind: Issue['kind']): void => {
    if (!isRight) issues.push({ path, kind })
  }
  expect(typeof identity === 'function', 'identity', 'not a function')
  expect(resourceUrl !== undefined && resourceUrl.hash === '', 'resource', 'does not fit')
  expect((resourceUrl?.href.length ?? 0) <= 256, 'resource', 'too long')
  expect(isTextList(authorizationServers) && authorizationServers.length > 0, 'authorizationServers', 'missing')
  if (isTextList(authorizationServers))
    authorizationServers.forEach((issuer, index) =>
      expect(toUrl(issuer) !== undefined, toIssuePath('authorizationServers', index), 'does not fit'),
    )
  expect(isTextList(audiences) && audiences.length > 0 && !audiences.includes(''), 'audience', 'does not fit')
  const expectEach = (list: unknown, path: string, isRight: (entry: string) => boolean): void => {
    expect(isTextList(list), path, 'not an array')
    if (isTextList(list))
      list.forEach((entry, index) => expect(isRight(entry), toIssuePath(path, index), 'does not fit'))
  }
  // A scope stands in a header, in the form of RFC 6749 section 3.3: with another one no answer could be made.
  expectEach(scopes, 'scopes', (scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  expectEach(copy.allowedHosts ?? [], 'allowedHosts', isHostName)
  expectEach(copy.allowedOrigins ?? [], 'allowedOrigins', isHostName)
  expect(isTextList(corsOrigins), 'corsOrigins', 'not an array')
  if (isTextList(corsOrigins))
    corsOrigins.forEach((origin, index) =>
      // A slash too many would match no page, and neither would `*`, in whatever place.
      expect(
        toUrl(origin)?.origin === origin && !origin.includes('*'),
        toIssuePath('corsOrigins', index),
        'does not fit',
      ),
    )
  expect(audienceOf === undefined || typeof audienceOf === 'function', 'audienceOf', 'not a function')
  expect(onError === undefined || typeof onError === 'function', 'onError', 'not a function')
  expect(copy.ambient === undefined || typeof copy.ambient === 'function', 'ambient', 'not a function')
  if (copy.state !== undefined && more.includes('state')) issues.push(...findStateIssues(copy.state))
  expect(copy.sessions === undefined || isRegistry(copy.sessions), 'sessions', 'does not fit')
  const { server, serverOptions, configure, legacy = 'stateless' } = copy
  expect(isObject(server), 'server', server === undefined ? 'missing' : 'not an object')
  if (isObject(server))
    for (const name of ['name', 'version'])
      expect(typeof server[name] === 'string' && server[name] !== '', `server.${name}`, 'missing')
  expect(serverOptions === undefined || isObject(serverOptions), 'serverOptions', 'not an object')
  expect(configure === undefined || typeof configure === 'function', 'configure', 'not a function')
  expect(legacy === 'stateless' || legacy === 'reject', 'legacy', 'does not fit')
  issues.push(...ofLimits)
  const fix = findStateFix(issues) ?? findNameFix(issues)
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues, ...(fix && { fix }) })
  return Object.freeze({
    ...copy,
    resourceUrl: resourceUrl!,
    audiences,
    scopes,
    limits,
    hosts,
    origins,
    corsOrigins,
    state: newStateKeys(copy.state),
    report: toReporter(onError),
  })
}

function toUrl(text: unknown): URL | undefined {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined
}

/** As `Host` is compared: in lower case, without a port, an IPv6 address in brackets. Another name matches nothing. */
function isHostName(name: string): boolean {
  return toUrl(`http://${name}`)?.hostname === name && !name.includes('*')
}

function findNameFix(issues: readonly Issue[]): string | undefined {
  const misfits = issues.filter(({ kind }) => kind === 'does not fit').map(({ path }) => path)
  if (misfits.some((path) => /^allowed(?:Hosts|Origins)\[/.test(path)))
    return 'Write each host in lower case, without a port, an IPv6 address in brackets: notes.example.com or [::1].'
  return misfits.some((path) => path.startsWith('scopes['))
    ? 'Write each scope in ASCII, without spaces, quotes and backslashes, such as notes:read.'
    : undefined
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** The core knows its own: what files nothing, and looks like one, would let no sign-out end a state. */
function isRegistry(sessions: LiveSessions): boolean {
  try {
    identityProvider({ name: 'mcp', sessions, verify: () => undefined })
    return true
  } catch (error) {
    if (!isContextError(error)) throw error
    return false
  }
}

/** A report that fails must not change an answer. One that rejects, with nobody to take it, would end the process. */
function toReporter(onError: ((error: unknown) => unknown) | undefined): (error: unknown) => void {
  return async (error) => {
    try {
      await onError?.(error)
    } catch {}
  }
}
