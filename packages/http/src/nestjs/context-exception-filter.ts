/**
 * The exception filter: what a client may be told, over HTTP and over WebSocket.
 */
import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { ContextError, toClientAnswer } from 'user-execution-context'
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
 * Answers errors of this package: over HTTP with status, headers and the fixed sentence that a client may be told, over
 * WebSocket with the event `exception` (`{ status: 'error', code, message }`). The message for the developer goes to
 * the logger of Nest. The module registers it for all of HTTP; a gateway needs `@UseFilters(ContextExceptionFilter)`,
 * because Nest has no filters for all gateways.
 *
 * @example
 * ```ts
 * import { UseFilters } from '@nestjs/common'
 * import { ContextExceptionFilter } from '@user-execution-context/http/nestjs'
 *
 * export const Answered = (): MethodDecorator & ClassDecorator => UseFilters(ContextExceptionFilter)
 * ```
 */
export class ContextExceptionFilter implements ExceptionFilter<ContextError> {
  readonly #logger = new Logger('user-execution-context')

  catch(error: ContextError, host: ArgumentsHost): void {
    const { code, message } = toClientAnswer(error)
    if (error.status >= 500) this.#logger.error(error.message)
    else this.#logger.debug(error.message)
    if (host.getType<string>() === 'ws')
      return tellClient(host.switchToWs().getClient<GatewayClient>(), { status: 'error', code, message })
    if (rawResponseOf(host).headersSent) return
    const { status, headers, body } = toPlainAnswer(error)
    const reply = host.switchToHttp().getResponse<Reply>().status(status)
    for (const [name, value] of Object.entries(headers)) reply.header(name, value)
    reply.send(body)
  }
}

Catch(ContextError)(ContextExceptionFilter)
