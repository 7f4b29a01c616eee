import pino from 'pino'
import type { UserExecutionContext } from 'user-execution-context'

export const logger = pino({ serializers: { context: (context: UserExecutionContext) => context.toJSON() } })

export const loggerOf = (context: UserExecutionContext, parent = logger) => parent.child({ context })
