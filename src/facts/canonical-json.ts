/**
 * One text for equal JSON values, whatever the order of their keys: RFC 8785 (JSON Canonicalization Scheme).
 */

/** The canonical text. Keys are sorted by UTF-16 code units; properties that are undefined count as absent. */
export const toCanonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => toCanonicalJson(item)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const record = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(record)
    .filter((key) => record[key] !== undefined)
    .sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${toCanonicalJson(record[key])}`).join(',')}}`
}
