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

/**
 * Checks numbers of options: each is left out, or at least what stands here and no more than a timer can hold. Those
 * that count are whole.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. NaN compares as neither more nor less than any bound: nothing
 *   would ever be refused, or everything.
 */
export const assertNumbers = (options: object, least: Readonly<Record<string, number>>): void => {
  const issues: Issue[] = []
  for (const [path, from] of Object.entries(least)) {
    const value = (options as Readonly<Record<string, unknown>>)[path]
    if (value === undefined) continue
    const isNumber = path.endsWith('Ms') ? Number.isFinite(value) : Number.isInteger(value)
    if (!isNumber) issues.push({ path, kind: 'not a number' })
    else if ((value as number) < from) issues.push({ path, kind: 'too small' })
    else if ((value as number) > maxNumber) issues.push({ path, kind: 'too large' })
  }
  if (issues.length > 0) throw invalidOptions(issues)
}

/** The bound of timers: a longer one ends at once. */
const maxNumber = 2_147_483_647

/** `[1].keys[0].alg` is a part of the option `keys`, of the second of several objects of options. */
function toOption(path: string): string {
  return path.replace(/^\[\d+\]\.?/, '').replace(/\[\d+\].*$/, '')
}
