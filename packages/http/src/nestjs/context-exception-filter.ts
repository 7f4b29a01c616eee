/**
 * The exception filter: what a client may be told, over every transport.
 */
import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { throwError, type Observable } from 'rxjs'
import { ContextError, isContextError, toClientAnswer } from 'user-execution-context'
import { toPlainAnswer } from '../to-response.ts'
import { tellClient, type GatewayClient } from './gateway-client.ts'
import { rawResponseOf } from './scope-of.ts'

/** What Express and Fastify have in common. */
type Reply = {
  status(status: number): Reply
  header(name: string, value: string): Reply
  send(body: string): unknown
}

/**
 * The AbortError of a call that was given the signal of a scope, in a handler that did not take the scope by a
 * decorator. Nest asks `instanceof` which filter an error is for: any other AbortError is not for this one.
 */
abstract class StoppedCall {
  static [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'AbortError' && isContextError(value.cause)
  }
}

/**
 * Answers errors of this package: over HTTP with status, headers and the fixed sentence that a client may be told, over
 * WebSocket with the event `exception` (`{ status: 'error', code, message }`), to a caller of a microservice with the
 * same as its error, and elsewhere, such as in GraphQL, with an Error of that sentence. The message for the developer
 * goes to the logger of Nest. The module registers it for the whole app; a gateway needs
 * `@UseFilters(ContextExceptionFilter)`, because Nest has no filters for all gateways.
 *
 * @example
 * ```ts
 * import { UseFilters } from '@nestjs/common'
 * import { ContextExceptionFilter } from '@user-execution-context/http/nestjs'
 *
 * export const Answered = (): MethodDecorator & ClassDecorator => UseFilters(ContextExceptionFilter)
 * ```
 */
export class ContextExceptionFilter implements ExceptionFilter<Error> {
  readonly #logger = new Logger('user-execution-context')

  catch(thrown: Error, host: ArgumentsHost): Observable<never> | void {
    // Whatever Catch() below lets in is one, or has one as its cause.
    const error = isContextError(thrown) ? thrown : (thrown.cause as ContextError)
    const { code, message } = toClientAnswer(error)
    if (error.status >= 500) this.#logger.error(error.message)
    else this.#logger.debug(error.message)
    const type = host.getType<string>()
    const told = { status: 'error', code, message }
    if (type === 'ws') return tellClient(host.switchToWs().getClient<GatewayClient>(), told)
    // Where a filter throws, the transport answers nothing, and its caller would wait without an end.
    if (type === 'rpc') return throwError(() => told)
    if (type !== 'http') throw Object.assign(new Error(message, { cause: error }), { code })
    if (rawResponseOf(host).headersSent) return
    const { status, headers, body } = toPlainAnswer(error)
    const reply = host.switchToHttp().getResponse<Reply>().status(status)
    for (const [name, value] of Object.entries(headers)) reply.header(name, value)
    reply.send(body)
  }
}

Catch(ContextError, StoppedCall)(ContextExceptionFilter)
