/**
 * What an uninitialised variable, a template or a test leaves where an id should stand.
 *
 * Exact words only, compared without case. No prefixes, no length rules, no exception by environment: each of those
 * refused real users upstream (`default_user`, `test_42` and `1` are legal ids).
 */

/** All of them, in lower case. docs/errors.md prints the list. */
export const uninitialisedValues: ReadonlySet<string> = new Set([
  'undefined',
  'null',
  'none',
  'nil',
  'nan',
  '[object object]',
  'true',
  'false',
  '0',
  '-1',
  'placeholder',
  'default',
  'registry',
  'temp',
  'example',
  'test',
  'demo',
  'sample',
  'template',
  'mock',
  'fake',
  'dummy',
  'xxx',
  'todo',
  'fixme',
])
/** Characters of the longest word: no string that is longer is one of them. */
export const longestWord = Math.max(...[...uninitialisedValues].map((word) => word.length))
/** RFC 9562 section 5.9. Digits only, so it has no other case. */
export const nilUuid = '00000000-0000-0000-0000-000000000000'

/** Whether a string is such a left-over. The length is looked at only because lower-casing costs more than all else. */
export const isUninitialisedValue = (value: string): boolean =>
  value.length <= longestWord ? uninitialisedValues.has(value.toLowerCase()) : value === nilUuid
