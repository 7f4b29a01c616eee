/**
 * Everything that `npm start` and `npm run cluster` can be told. README.md shows this table.
 */

/** Names of settings, in the environment and in the file, each with what it is. */
export const settingNames = Object.freeze({
  PORT: 'Where it listens: 0 to 65535, 0 for any free port. Default 3000.',
  UEC_HOST: 'The address that it listens on, such as 0.0.0.0 for all of this machine. Default 127.0.0.1.',
  UEC_ORIGINS:
    'Origins whose pages may use it, exactly as a browser sends them, with commas between. Default: http://localhost ' +
    'and http://127.0.0.1 with the port.',
  UEC_TRUSTED_PROXIES: 'How many reverse proxies of yours stand in front: 0 to 16. Default 0.',
  UEC_DATA_DIRECTORY: 'Where data and secrets are kept. Made when missing. Default .data.',
  UEC_LOG_LEVEL: 'The least level that is logged: debug, info, warn or error. Default info.',
  UEC_STORE: 'memory keeps runs in the memory of the process. Default: PostgreSQL.',
  DATABASE_URL:
    'A PostgreSQL of yours, as the login that owns the database. Default: one of its own, in the data directory.',
  DATABASE_SERVICE_URL: 'The same as uec_service. Default: DATABASE_URL with that name.',
  DATABASE_WORKER_URL: 'The same as uec_worker. Default: DATABASE_URL with that name.',
  DATABASE_LISTEN_URL: 'The server itself, where the others go through a pooler. Default: DATABASE_SERVICE_URL.',
})

/** The name of a setting. */
export type SettingName = keyof typeof settingNames

/** What was given: texts by name. */
export type GivenSettings = Readonly<Partial<Record<SettingName, string>>>

/** What is wrong with settings, in sentences for the person who started the program. Holds no value of them. */
export class SettingsError extends Error {}
