/**
 * Where settings come from: the environment, and a file that it names.
 */
import { readFile } from 'node:fs/promises'
import { parseSettings, type Settings } from './parse-settings.ts'
import { SettingsError, settingNames, type GivenSettings, type SettingName } from './setting-names.ts'

/** The name of the file. */
const fileSetting = 'UEC_SETTINGS_FILE'
const names = Object.keys(settingNames) as readonly SettingName[]

/**
 * Reads and checks them. What the environment has counts more than what the file has. Rejects with SettingsError.
 *
 * @param environment - `process.env`.
 */
export const readSettings = async (environment: Readonly<Record<string, string | undefined>>): Promise<Settings> => {
  const problems = findUnknownNames(Object.keys(environment))
  const path = environment[fileSetting] ?? ''
  const ofFile = path === '' ? {} : await readSettingsFile(path, problems)
  const ofEnvironment = Object.fromEntries(
    names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  )
  try {
    const settings = parseSettings({ ...ofFile, ...ofEnvironment })
    if (problems.length === 0) return settings
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    problems.push(error.message)
  }
  throw new SettingsError(problems.join('\n'))
}

/** A name of ours that is misspelt would leave its default in place: UEC_ORIGIN the origins of this machine. */
function findUnknownNames(given: readonly string[]): string[] {
  const known = [...names, fileSetting]
  const unknown = given.filter((name) => name.startsWith('UEC_') && !known.includes(name))
  if (unknown.length === 0) return []
  const ours = known.filter((name) => name.startsWith('UEC_'))
  // A name may be anything; one that a person mistyped is of letters.
  const shown = unknown.map((name) => (/^[A-Z_]{1,40}$/.test(name) ? name : 'a name that begins with UEC_'))
  return [`No such setting: ${shown.join(', ')}. The settings are ${ours.join(', ')}.`]
}

/** What the file gives. What is wrong with it is added to the problems, so that all are said at once. */
async function readSettingsFile(path: string, problems: string[]): Promise<GivenSettings> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) {
    problems.push(`${fileSetting} must be the path of a file that can be read.`)
    return {}
  }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    // What JSON.parse says would quote the file.
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push(`The file that ${fileSetting} names must hold a JSON object: settings by their names.`)
    return {}
  }
  const given = Object.entries(content).flatMap(([name, value], index) => {
    if (!Object.hasOwn(settingNames, name)) {
      // A key that is a name is of whoever wrote the file. Anything else may be a value in the wrong place.
      const shown = /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : `key ${index + 1}`
      problems.push(`The file that ${fileSetting} names has no setting of that name: ${shown}.`)
      return []
    }
    const setting = toText(value)
    if (setting !== undefined) return [[name, setting] as const]
    problems.push(`${name} must be a text, a number or a list of texts in the file that ${fileSetting} names.`)
    return []
  })
  return Object.fromEntries(given) as GivenSettings
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string')
  return isList ? value.join(',') : undefined
}
