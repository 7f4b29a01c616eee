/**
 * The request that a state is bound to, as it came from the client.
 */
import type { ServerContext } from '@modelcontextprotocol/server'
import type { RequestParts } from '../state/request-state.ts'

/**
 * The parts of the request with the id of `sdk`, out of the JSON that it came in. Undefined where there is none, such
 * as over stdio, and where two requests of a batch share an id.
 */
export const findParts = (body: unknown, { mcpReq }: ServerContext): RequestParts | undefined => {
  const requests = (Array.isArray(body) ? body : [body]) as readonly (Partial<JsonRpcRequest> | null | undefined)[]
  const found = requests.filter((request) => request?.id === mcpReq.id && request.method === mcpReq.method)
  if (found.length !== 1) return undefined
  const { name, uri, arguments: input } = found[0]!.params ?? {}
  return { method: mcpReq.method, target: String(name ?? uri), input: input ?? {} }
}

type JsonRpcRequest = {
  readonly id: unknown
  readonly method: unknown
  readonly params: { readonly name?: unknown; readonly uri?: unknown; readonly arguments?: unknown }
}
