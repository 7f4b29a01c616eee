/**
 * Floor 1. What an uninitialised variable, a template or a test leaves where an id should stand.
 *
 * Exact words only, compared without case. No prefixes, no length rules, no exception by environment: each of those
 * refused real users upstream (`default_user`, `test_42` and `1` are legal ids).
 */

const words: ReadonlySet<string> = new Set([
  'undefined', 'null', 'none', 'nil', 'nan', '[object object]', 'true', 'false', '0', '-1',
  '00000000-0000-0000-0000-000000000000',
  'placeholder', 'default', 'registry', 'temp', 'example', 'test', 'demo', 'sample', 'template',
  'mock', 'fake', 'dummy', 'xxx', 'todo', 'fixme',
])
const lengths: ReadonlySet<number> = new Set([...words].map((word) => word.length))

/** Whether a string is such a left-over. The length is looked at first only because lower-casing costs more. */
export const isUninitialisedValue = (value: string): boolean =>
  lengths.has(value.length) && words.has(value.toLowerCase())
