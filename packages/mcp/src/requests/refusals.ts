/**
 * The answers to requests that reach no handler.
 */
import { ContextError, isContextError, toClientAnswer } from 'user-execution-context'
import type { Settings } from '../options/options.ts'
import { metadataUrl } from './protected-resource.ts'

const neverStored = { 'cache-control': 'no-store' }

/** A request without a token: where to get one, and no error (RFC 6750 section 3.1). */
export const challenge = (settings: Settings): Response =>
  unauthorized({ error: 'invalid_request', error_description: 'Please sign in.' }, toHeader({}, settings))

/**
 * A request whose token was refused. Which check failed is for the log alone. A fault of this program is a 500, what is
 * out of reach a 503.
 */
export const refuseToken = (error: unknown, settings: Settings): Response => {
  const { httpStatus, message } = toClientAnswer(error)
  if (httpStatus === 401) {
    const body = { error: 'invalid_token', error_description: message }
    return unauthorized(body, toHeader(body, settings))
  }
  const headers = { ...neverStored, ...toRetry(error) }
  return Response.json({ error: 'server_error', error_description: message }, { status: httpStatus, headers })
}

/**
 * The same answers, and one for each failure that nobody has answered, such as what configure() throws: a fetch() that
 * rejects leaves what to say to the adapter of a runtime. Once the server is closed the answer is 503.
 */
export const answerAll =
  <Request>(
    answer: (request: Request) => Promise<Response>,
    settings: Settings,
    isClosed: () => boolean,
  ): ((request: Request) => Promise<Response>) =>
  async (request) => {
    try {
      if (isClosed()) throw new ContextError('ERR_CONTEXT_CLOSED')
      return await answer(request)
    } catch (error) {
      const told = isClosed() ? new ContextError('ERR_CONTEXT_CLOSED', { cause: error }) : error
      settings.report(told)
      const { httpStatus, message } = toClientAnswer(told)
      if (httpStatus === 401) return refuseToken(told, settings)
      return refuseRequest(httpStatus, -32_603, message, { headers: toRetry(told) })
    }
  }

/** An answer in the form of JSON-RPC, which clients show. `id` is that of the request, where it is known. */
export const refuseRequest = (
  status: number,
  code: number,
  message: string,
  more: { readonly id?: string | number | null; readonly headers?: Readonly<Record<string, string>> } = {},
): Response =>
  Response.json(
    { jsonrpc: '2.0', error: { code, message }, id: more.id ?? null },
    { status, headers: { ...neverStored, ...more.headers } },
  )

function toRetry(error: unknown): Readonly<Record<string, string>> {
  const retry = isContextError(error) ? error.headers?.['retry-after'] : undefined
  return retry === undefined ? {} : { 'retry-after': retry }
}

function unauthorized(body: object, wwwAuthenticate: string): Response {
  return Response.json(body, { status: 401, headers: { ...neverStored, 'www-authenticate': wwwAuthenticate } })
}

function toHeader(parameters: Readonly<Record<string, string>>, settings: Settings): string {
  const scope = settings.scopes.length === 0 ? {} : { scope: settings.scopes.join(' ') }
  const all = { ...parameters, ...scope, resource_metadata: metadataUrl(settings).href }
  const quoted = Object.entries(all).map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '')}"`)
  return `Bearer ${quoted.join(', ')}`
}
