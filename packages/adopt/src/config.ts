/**
 * The configuration file: found in the working directory or above it, checked against the shipped JSON schema.
 * Its directory is the root of the paths in it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AdoptError } from './adopt-error.ts'
import { findSchemaIssues, type JsonSchema } from './json-schema.ts'
import type { MigrateTarget } from './migrate/migrate-options.ts'

/** What the file may hold; every field may be left out. */
export type AdoptConfig = {
  readonly types?: readonly string[]
  readonly factories?: readonly string[]
  readonly tsconfigs?: readonly string[]
  /** Globs of the files to read, and of those to leave out. */
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly includeGenerated?: boolean
  /** Path of the baseline, relative to the root. */
  readonly baseline?: string
  readonly migrate?: {
    readonly target?: MigrateTarget
    readonly testTarget?: MigrateTarget
    readonly testFiles?: readonly string[]
    readonly definitions?: readonly string[]
    /** Homes of legacy fields and reads, beside those of the targets. */
    readonly fields?: MigrateTarget['fields']
    readonly reads?: MigrateTarget['reads']
  }
}

/** A configuration with the directory that its paths start from, and its own path when there is a file. */
export type FoundConfig = { readonly root: string; readonly file: string | undefined; readonly config: AdoptConfig }

export const configFileName = 'user-execution-context.config.json'
export const defaultBaselineFile = 'context-baseline.json'

/**
 * Finds and reads the configuration.
 *
 * @param directory - Where the search begins, upwards.
 * @param named - File named on the command line; then nothing is searched.
 * @throws {AdoptError} `FILE_UNREADABLE` or `USAGE`, with every issue at once.
 */
export const readConfig = (directory: string, named?: string): FoundConfig => {
  const file = named === undefined ? findUpwards(directory) : resolve(directory, named)
  if (file === undefined) return { root: directory, file, config: {} }
  return { root: dirname(file), file, config: parseConfig(readText(file), file) }
}

/** Parses the text of a configuration file. */
export const parseConfig = (text: string, file: string): AdoptConfig => {
  const content = parseJson(text, file)
  const issues = findSchemaIssues(content, readSchema())
  if (issues.length > 0)
    throw new AdoptError(
      'USAGE',
      `${file} does not fit its schema:\n${issues.map((issue) => `  ${issue}`).join('\n')}`,
      { file },
    )
  return content as AdoptConfig
}

const findUpwards = (directory: string): string | undefined => {
  const file = join(directory, configFileName)
  if (existsSync(file)) return file
  return dirname(directory) === directory ? undefined : findUpwards(dirname(directory))
}

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (cause) {
    throw new AdoptError(
      'FILE_UNREADABLE',
      `${file} cannot be read. Name an existing file with --config, or write one with init.`,
      { file, cause },
    )
  }
}

const parseJson = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AdoptError('USAGE', `${file} is not JSON. Comments and trailing commas are not allowed in it.`, {
      file,
      cause,
    })
  }
}

// Source and compiled file lie equally deep below the package's root.
const readSchema = (): JsonSchema =>
  JSON.parse(readFileSync(new URL('../schema/config.schema.json', import.meta.url), 'utf8'))
