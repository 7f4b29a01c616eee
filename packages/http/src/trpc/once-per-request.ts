/**
 * One context for all calls of a request.
 */
import type { UserExecutionContext } from 'user-execution-context'
import { readList, type AnyRequest } from '../request/any-request.ts'
import { noScope } from '../scopes/node-scope.ts'

/**
 * What createContext() of the app must give at least: the request; for the headers of a refusal the response of Node
 * (`res`) or what the fetch adapter has as `resHeaders`; over WebSockets the socket (`res`), which is closed with the
 * identity. It is never the context of a user itself.
 */
export type TrpcRequestContext = {
  readonly req: AnyRequest
  readonly res?: object | undefined
  readonly resHeaders?: Headers | undefined
}

/**
 * The calls of a batch, and those of a WebSocket, are of one request: they have one user and one run. A failure is not
 * kept: the next call asks again.
 *
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when the root context has no request; what `toContext` throws.
 */
export const oncePerRequest = (
  toContext: (request: AnyRequest) => Promise<UserExecutionContext>,
): ((ctx: TrpcRequestContext) => Promise<UserExecutionContext>) => {
  const known = new WeakMap<AnyRequest, Promise<UserExecutionContext>>()
  return async (ctx) => {
    const request = requestOf(ctx)
    const pending = known.get(request) ?? toContext(request)
    known.set(request, pending)
    try {
      return await pending
    } catch (error) {
      known.delete(request)
      throw error
    }
  }
}

/**
 * Whether the answer is streamed by its parts (`httpBatchStreamLink`), as tRPC tells it. In any other answer nobody
 * reads the parts, nor leaves them.
 */
export const takesParts = (ctx: TrpcRequestContext): boolean => {
  const request = requestOf(ctx)
  const accepted = readList(request, 'trpc-accept') ?? readList(request, 'accept') ?? ''
  return accepted.split(',').some((type) => type.trim() === 'application/jsonl')
}

/** The request of Node, which Fastify has as `raw`: only it shows a header that came twice. */
function requestOf(ctx: TrpcRequestContext): AnyRequest {
  const { req } = (ctx ?? {}) as { readonly req?: AnyRequest & { readonly raw?: AnyRequest } }
  if (typeof req !== 'object' || req === null) throw noScope(noRequest)
  return req.raw ?? req
}

const noRequest =
  "The root context of tRPC has no request: createContext must return it as req, and never a user's context itself. " +
  'tRPC spreads its root context, and a copy of a context is refused everywhere; userContext() puts it under ' +
  'ctx.userContext.'
