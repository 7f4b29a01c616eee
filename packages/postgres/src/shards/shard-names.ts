/**
 * Names of shards: in sentences, in commands and in the hash that places owners.
 */
import { byName, type Check } from '../options/parse-options.ts'

const name = /^[a-z0-9][a-z0-9_-]{0,62}$/

/** Something for each shard, by its name. */
export const namedShards =
  (check: Check): Check =>
  (value, path) => {
    const issues = byName(check)(value, path)
    if (typeof value !== 'object' || value === null) return issues
    const names = Object.keys(value)
    const isFit = names.length > 0 && names.every((each) => name.test(each))
    return isFit ? issues : [...issues, { path, kind: 'does not fit' }]
  }
