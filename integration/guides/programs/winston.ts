import winston from 'winston'
import { toLogFields, type UserExecutionContext } from 'user-execution-context'

export const logger = winston.createLogger({ format: winston.format.json() })

export const loggerOf = (context: UserExecutionContext, parent = logger) => parent.child(toLogFields(context))
