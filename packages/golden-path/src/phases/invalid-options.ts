/**
 * The error for options that cannot be used, with the rule of each one that an issue names.
 */
import { ContextError, type Issue } from 'user-execution-context'

/** What an option must be, by its path without the index of a list: `origins` stands for `origins[2]`, too. */
export type OptionRules = Readonly<Record<string, string>>

/**
 * The error for these issues. Its fix names the rule of each option where "does not fit" alone would not say it;
 * without such a rule it is the one of the table of errors.
 */
export const invalidOptions = (issues: readonly Issue[], rules: OptionRules = {}): ContextError => {
  const misfits = issues.filter(({ kind }) => kind === 'does not fit').map(({ path }) => toOption(path))
  const named = [...new Set(misfits)].filter((path) => Object.hasOwn(rules, path))
  const fix = named.map((path) => `${path}: ${rules[path]}`).join(' ')
  return new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues, ...(fix !== '' && { fix }) })
}

/** `[1].keys[0].alg` is a part of the option `keys`, of the second of several objects of options. */
function toOption(path: string): string {
  return path.replace(/^\[\d+\]\.?/, '').replace(/\[\d+\].*$/, '')
}
