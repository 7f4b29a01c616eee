/**
 * Where the environment says that runs are kept.
 */

/** The embedded server, a server of somebody else's, or the memory of this process. */
export type StoreChoice =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'memory' }
  | {
      readonly kind: 'server'
      /** Logs in as the owner of the database. Each URL holds a password: do not log. */
      readonly url: string
      /** Logs in as `uec_service`. */
      readonly serviceUrl: string
      /** Logs in as `uec_worker`. */
      readonly workerUrl: string
    }

/** What is wrong with the environment, in sentences for the person who started the program. Holds no value of it. */
export class StoreChoiceError extends Error {}

/**
 * Reads `UEC_STORE`, `DATABASE_URL`, `DATABASE_SERVICE_URL` and `DATABASE_WORKER_URL`.
 *
 * @throws {StoreChoiceError} for a value that is none.
 */
export const parseStoreChoice = (environment: Readonly<Record<string, string | undefined>>): StoreChoice => {
  const store = environment['UEC_STORE'] ?? ''
  if (store === 'memory') return { kind: 'memory' }
  // A mistyped `memory` would otherwise start a database, and a mistyped name of one lose the runs.
  if (store !== '')
    throw new StoreChoiceError(
      'UEC_STORE must be memory, which keeps runs in the memory of the process, or not be set: then they are kept in ' +
        'PostgreSQL.',
    )
  const url = readUrl(environment, 'DATABASE_URL')
  if (url === undefined) return { kind: 'embedded' }
  return {
    kind: 'server',
    url,
    serviceUrl: readUrl(environment, 'DATABASE_SERVICE_URL') ?? withUser(url, 'uec_service'),
    workerUrl: readUrl(environment, 'DATABASE_WORKER_URL') ?? withUser(url, 'uec_worker'),
  }
}

const scheme = /^(postgres(?:ql)?:\/\/)(?:[^@/?:]*(:[^@/?]*)?@)?/

function readUrl(environment: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const url = environment[name] ?? ''
  if (url === '') return undefined
  if (scheme.test(url)) return url
  throw new StoreChoiceError(`${name} must be a URL such as postgres://USER:PASSWORD@HOST/DATABASE.`)
}

/** The same server and database, and the same password, as another user. */
function withUser(url: string, user: string): string {
  return url.replace(scheme, (_all, protocol: string, password = '') => `${protocol}${user}${password}@`)
}
