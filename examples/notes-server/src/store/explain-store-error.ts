/**
 * What keeps a store from opening, for the person who started the program.
 */
import { isContextError, type ContextError } from 'user-execution-context'
import type { StoreChoice } from './store-choice.ts'

const loginFix = `Runs need two logins beside the one of DATABASE_URL: uec_service and uec_worker.
By default they have the password that is in DATABASE_URL. As administrator of the server, once:
  ALTER ROLE uec_service PASSWORD '…'; ALTER ROLE uec_worker PASSWORD '…';
or name logins of yours that are members of them: DATABASE_SERVICE_URL and DATABASE_WORKER_URL.`

const rightsFix = `The login of DATABASE_URL must own its database and may make roles. Where it may not make them, who
administers the server runs the SQL that this prints:
  npx user-execution-context-postgres roles DATABASE`

/** By the code of PostgreSQL (appendix A of its manual). */
const refusals: Readonly<Record<string, string>> = {
  '28P01': `The server refused a password.\n${loginFix}`,
  '28000': `The server refused a login.\n${loginFix}`,
  '3D000': 'There is no database of that name. Make it, or correct DATABASE_URL.',
  '42501': `A right is missing.\n${rightsFix}`,
  '53300': 'The server has no connection left. Raise its max_connections, or close other programs.',
}

/** Sentences, or undefined for an error that is none of a store. They hold no address, name or password. */
export const explainStoreError = (error: unknown, choice: StoreChoice): string | undefined => {
  if (choice.kind === 'server')
    return isUnavailable(error) ? (explainServerError(error.cause) ?? error.message) : explainServerError(error)
  if (!isUnavailable(error)) return undefined
  return `${error.message}\nOr keep runs in memory, without a database: UEC_STORE=memory npm start`
}

/** What is wrong with the server that DATABASE_URL names. */
function explainServerError(error: unknown): string | undefined {
  const code = String((error as { readonly code?: unknown } | null)?.code)
  const refusal = Object.hasOwn(refusals, code) ? refusals[code] : undefined
  if (refusal !== undefined) return refusal
  if (!isOfConnection(error)) return undefined
  return (
    'The server that DATABASE_URL names cannot be reached. Start it or correct the URL; without DATABASE_URL npm ' +
    'start brings a server of its own, and UEC_STORE=memory does without one.'
  )
}

function isUnavailable(error: unknown): error is ContextError {
  return isContextError(error) && error.code === 'ERR_CONTEXT_DATABASE_UNAVAILABLE'
}

/** Errors of the network have a system call. Those of the driver, such as a time that ran out, have a text alone. */
function isOfConnection(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isOfConnection)
  const { syscall, message } = (error ?? {}) as { readonly syscall?: unknown; readonly message?: unknown }
  return syscall !== undefined || /timeout expired|connection terminated|timeout exceeded/i.test(String(message))
}
