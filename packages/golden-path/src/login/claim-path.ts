/**
 * Where a claim stands in a token.
 */

/** The claims of a token, as its issuer signed them. Personal data: do not log. */
export type JwtClaims = Readonly<Record<string, unknown>>

/**
 * The name of a claim, taken as it is (`'https://example.com/roles'` has dots and no parts), or the names that lead to
 * a nested one, such as `['realm_access', 'roles']`.
 */
export type ClaimPath = string | readonly string[]

/** The claim at a path, or undefined. Own members only: a polluted Object.prototype must not give a user a right. */
export const findClaim = (claims: JwtClaims, path: ClaimPath): unknown => {
  let value: unknown = claims
  for (const name of typeof path === 'string' ? [path] : path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined
    value = (value as JwtClaims)[name]
  }
  return value
}

/** Whether a value is a path: a name, or a list of names, none of them empty. */
export const isClaimPath = (value: unknown): value is ClaimPath =>
  typeof value === 'string'
    ? value !== ''
    : Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== '')

/** Whether a value is text or a list of texts, and one of them is wanted. */
export const namesOneOf = (value: unknown, wanted: readonly string[]): boolean =>
  typeof value === 'string'
    ? wanted.includes(value)
    : Array.isArray(value) && value.some((name) => wanted.includes(name))
