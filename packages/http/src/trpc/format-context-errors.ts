/**
 * Errors of this package as tRPC answers them.
 */
import { TRPCError, type TRPC_ERROR_CODE_KEY, type TRPCDefaultErrorShape } from '@trpc/server'
import { isContextError, toClientAnswer, type ContextError } from 'user-execution-context'

/** The default shape of an error, with the code of this package that a client may be told. */
export type ContextErrorShape = TRPCDefaultErrorShape & { readonly data: { readonly contextCode?: string } }

/**
 * An error formatter for initTRPC: answers errors of this package, wherever they were thrown, with the fixed sentence
 * that a client may be told and its code under `data.contextCode`. What a procedure threw and did not mean for a client
 * (no TRPCError) is told as "Something went wrong on our side.": tRPC would send its message. No shape has a stack.
 *
 * @param options - What tRPC gives an error formatter.
 * @example
 * ```ts
 * import { initTRPC } from '@trpc/server'
 * import { formatContextErrors, type TrpcRequestContext } from '@user-execution-context/http/trpc'
 *
 * export const t = initTRPC.context<TrpcRequestContext>().create({ errorFormatter: formatContextErrors })
 * ```
 */
export const formatContextErrors: (options: {
  readonly error: TRPCError
  readonly shape: TRPCDefaultErrorShape
}) => ContextErrorShape = ({ error, shape }) => {
  const { stack: _stack, ...data } = shape.data
  const { cause, code } = error
  const isUnmeant = cause !== undefined && code === 'INTERNAL_SERVER_ERROR'
  if (!isContextError(cause) && !isUnmeant) return { ...shape, data }
  const { code: contextCode, message, httpStatus } = toClientAnswer(cause)
  const told = codeOf(httpStatus)
  return { code: numbers[told], message, data: { ...data, code: told, httpStatus, contextCode } }
}

/** The error of tRPC for one of ours: its code is explicit and its message fixed, because tRPC sends both. */
export const toTrpcError = (error: ContextError): TRPCError => {
  const { message, httpStatus } = toClientAnswer(error)
  return new TRPCError({ code: codeOf(httpStatus), message, cause: error })
}

const codeOf = (httpStatus: number): ToldCode => codes[httpStatus] ?? 'INTERNAL_SERVER_ERROR'

/** JSON-RPC numbers of the codes that our errors have; tRPC exports its table from an internal entry point only. */
const numbers = {
  BAD_REQUEST: -32600,
  UNAUTHORIZED: -32001,
  FORBIDDEN: -32003,
  NOT_FOUND: -32004,
  CONFLICT: -32009,
  PAYLOAD_TOO_LARGE: -32013,
  UNPROCESSABLE_CONTENT: -32022,
  TOO_MANY_REQUESTS: -32029,
  INTERNAL_SERVER_ERROR: -32603,
  SERVICE_UNAVAILABLE: -32603,
  GATEWAY_TIMEOUT: -32603,
} as const satisfies Partial<Record<TRPC_ERROR_CODE_KEY, number>>

type ToldCode = keyof typeof numbers

const codes: Readonly<Record<number, ToldCode>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
}
