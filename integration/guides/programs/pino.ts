import pino from 'pino'
import { toLogFields, type UserExecutionContext } from 'user-execution-context'

export const logger = pino({ serializers: { context: toLogFields } })

export const loggerOf = (context: UserExecutionContext, parent = logger) => parent.child({ context })
