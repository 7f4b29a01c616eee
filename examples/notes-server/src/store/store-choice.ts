/**
 * Where the settings say that runs are kept.
 */
import { SettingsError, type GivenSettings, type SettingName } from '../settings/setting-names.ts'

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
      /** The server itself, as `uec_service`; undefined where `serviceUrl` names it. */
      readonly listenUrl: string | undefined
    }

/**
 * Reads `UEC_STORE`, `DATABASE_URL` and the URLs beside it.
 *
 * @throws {SettingsError} for a value that is none.
 */
export const parseStoreChoice = (given: GivenSettings): StoreChoice => {
  const store = given['UEC_STORE'] ?? ''
  if (store === 'memory') return { kind: 'memory' }
  // A mistyped `memory` would otherwise start a database, and a mistyped name of one lose the runs.
  if (store !== '')
    throw new SettingsError(
      'UEC_STORE must be memory, which keeps runs in the memory of the process, or not be set: then they are kept in ' +
        'PostgreSQL.',
    )
  const url = readUrl(given, 'DATABASE_URL')
  if (url === undefined) return { kind: 'embedded' }
  return {
    kind: 'server',
    url,
    serviceUrl: readUrl(given, 'DATABASE_SERVICE_URL') ?? withUser(url, 'uec_service'),
    workerUrl: readUrl(given, 'DATABASE_WORKER_URL') ?? withUser(url, 'uec_worker'),
    listenUrl: readUrl(given, 'DATABASE_LISTEN_URL'),
  }
}

const scheme = /^(postgres(?:ql)?:\/\/)(?:[^@/?:]*(:[^@/?]*)?@)?/

function readUrl(given: GivenSettings, name: SettingName): string | undefined {
  const url = given[name] ?? ''
  if (url === '') return undefined
  if (scheme.test(url)) return url
  throw new SettingsError(`${name} must be a URL such as postgres://USER:PASSWORD@HOST/DATABASE.`)
}

/** The same server and database, and the same password, as another user. */
function withUser(url: string, user: string): string {
  return url.replace(scheme, (_all, protocol: string, password = '') => `${protocol}${user}${password}@`)
}
