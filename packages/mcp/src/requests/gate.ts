/**
 * What every request passes before a server sees it.
 */
import { assertLive, ContextError, type UserExecutionContext } from 'user-execution-context'
import type { CallParts } from '../calls/run-call.ts'
import { authenticateToken, type ContextAuthInfo } from './auth-info.ts'
import { answerPreflight } from './cors.ts'
import { findUnknownHost } from './hosts.ts'
import { answerMetadata } from './protected-resource.ts'
import { readJson } from './read-json.ts'
import { challenge, refuseRequest, refuseToken } from './refusals.ts'

/** A request of a known user. */
export type Admitted = {
  /** Without its `Authorization` header. Its body was read. */
  readonly request: Request
  readonly authInfo: ContextAuthInfo
  readonly context: UserExecutionContext
  /** The JSON of the body; undefined for a request without one. */
  readonly body: unknown
}

/** Admits a request, or answers it. */
export const admit = async (request: Request, { settings, load }: CallParts): Promise<Admitted | Response> => {
  const token = findBearerToken(request)
  // The metadata is for those who have no token yet, and addresses are costly to read.
  const metadata = token === undefined || request.method !== 'POST' ? answerMetadata(request, settings) : undefined
  if (metadata !== undefined) return metadata
  const unknown = findUnknownHost(request, settings)
  if (unknown !== undefined) {
    const { path, fix, told } = unknown
    settings.report(
      new ContextError('ERR_CONTEXT_ORIGIN_REFUSED', { issues: [{ path, kind: 'refused by policy' }], fix }),
    )
    return refuseRequest(403, -32_000, told)
  }
  const preflight = answerPreflight(request, settings)
  if (preflight !== undefined) return preflight
  if (token === undefined) return challenge(settings)
  let authInfo: ContextAuthInfo
  try {
    authInfo = await authenticateToken(token, settings)
  } catch (error) {
    settings.report(error)
    return refuseToken(error, settings)
  }
  const { context } = authInfo.extra
  if (!load.countRequests(context, 1)) return tooManyRequests()
  const safe = withoutToken(request)
  const admitted = { request: safe, authInfo, context }
  // What is no JSON by its type is left to the SDK, which answers 415.
  if (safe.method !== 'POST' || !isJson(safe)) return { ...admitted, body: undefined }
  const body = await readJson(safe, settings.limits.bodyBytes).catch(() => 'not JSON' as const)
  if (body === 'too large') return refuseRequest(413, -32_000, 'The request is too large.')
  if (body === 'not JSON') return refuseRequest(400, -32_700, 'Parse error: the request body is not valid JSON')
  // The messages of a batch are requests each: one was counted before its body was read.
  if (Array.isArray(body.value) && body.value.length > 1 && !load.countRequests(context, body.value.length - 1))
    return tooManyRequests()
  try {
    // A body may take its time: long enough for its user to sign out.
    assertLive(context)
  } catch (error) {
    settings.report(error)
    return refuseToken(error, settings)
  }
  return { ...admitted, body: body.value }
}

function tooManyRequests(): Response {
  return refuseRequest(429, -32_000, 'Too many requests. Try again later.', { headers: { 'retry-after': '60' } })
}

/** The token of the Authorization header (RFC 6750 section 2.1). One in a query or a body is not read. */
function findBearerToken(request: Request): string | undefined {
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}

function isJson(request: Request): boolean {
  return /^\s*application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')
}

/** What handlers see of the request must not hold what they could pass on. */
function withoutToken(request: Request): Request {
  try {
    request.headers.delete('authorization')
  } catch {
    // Headers of some runtimes cannot be changed.
  }
  if (!request.headers.has('authorization')) return request
  const headers = new Headers(request.headers)
  headers.delete('authorization')
  return new Request(request, { headers })
}
