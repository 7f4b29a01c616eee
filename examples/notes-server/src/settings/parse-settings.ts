/**
 * The check of settings.
 */
import { isIP } from 'node:net'
import { logLevels, type LogLevel } from '@user-execution-context/golden-path/server'
import { parseStoreChoice, type StoreChoice } from '../store/store-choice.ts'
import { SettingsError, type GivenSettings, type SettingName } from './setting-names.ts'

/** Settings that have been checked, with their defaults. */
export type Settings = {
  readonly port: number
  readonly host: string
  /** Undefined: those of this machine. */
  readonly origins: readonly string[] | undefined
  readonly trustedProxies: number
  /** As it was typed. */
  readonly directoryName: string
  readonly logLevel: LogLevel
  readonly store: StoreChoice
}

/** Checks settings. An empty text is none. @throws {SettingsError} with a sentence for each that is wrong. */
export const parseSettings = (given: GivenSettings): Settings => {
  const problems: string[] = []
  const read = <Value>(
    name: SettingName,
    otherwise: Value,
    parse: (text: string) => Value | undefined,
    must: string,
  ) => {
    const text = given[name] ?? ''
    if (text === '') return otherwise
    const value = parse(text)
    if (value === undefined) problems.push(`${name} must be ${must}.`)
    return value ?? otherwise
  }
  const settings: Omit<Settings, 'store'> = {
    port: read('PORT', 3000, toNumber(65_535), 'a number from 0 (any free port) to 65535'),
    host: read('UEC_HOST', '127.0.0.1', toHost, 'an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all'),
    origins: read<readonly string[] | undefined>(
      'UEC_ORIGINS',
      undefined,
      toOrigins,
      'origins as a browser sends them, such as https://notes.example.com, with commas between and no path',
    ),
    trustedProxies: read(
      'UEC_TRUSTED_PROXIES',
      0,
      toNumber(16),
      'how many proxies stand in front: a number from 0 to 16',
    ),
    directoryName: read('UEC_DATA_DIRECTORY', '.data', toDirectory, 'the path of a directory'),
    logLevel: read<LogLevel>('UEC_LOG_LEVEL', 'info', toLogLevel, `one of ${logLevels.join(', ')}`),
  }
  let store: Settings['store'] | undefined
  try {
    store = parseStoreChoice(given)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    problems.push(error.message)
  }
  if (problems.length > 0) throw new SettingsError(problems.join('\n'))
  return { ...settings, store: store! }
}

/** A whole number from 0. `0x50`, `1e3` and spaces are typing errors, whatever Number() makes of them. */
function toNumber(most: number): (text: string) => number | undefined {
  return (text) => (/^\d{1,5}$/.test(text) && Number(text) <= most ? Number(text) : undefined)
}

function toHost(text: string): string | undefined {
  const isName = /^(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*$/.test(text) && !/^[\d.]+$/.test(text)
  return isIP(text) !== 0 || isName ? text : undefined
}

function toOrigins(text: string): readonly string[] | undefined {
  const origins = text.split(',').map((origin) => origin.trim())
  return origins.every(isOrigin) ? origins : undefined
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, origin } = new URL(text)
  return /^https?:$/.test(protocol) && origin === text
}

function toDirectory(text: string): string | undefined {
  return text.trim() === '' || text.includes('\0') ? undefined : text
}

function toLogLevel(text: string): LogLevel | undefined {
  return logLevels.find((level) => level === text)
}
