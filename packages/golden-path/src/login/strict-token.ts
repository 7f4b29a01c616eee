/**
 * Forms of a token that two readers may understand in two ways.
 */
import { ContextError } from 'user-execution-context'

/**
 * Refuses a signature with other than canonical base64url (its last character has spare bits, so that several texts are
 * one signature), and members of one name in the header or the claims (RFC 7519 section 4): which of them counts
 * differs from parser to parser, and with it who the user is.
 *
 * @param token - In compact form, and verified.
 * @throws {ContextError} `ERR_CONTEXT_TOKEN_MALFORMED`.
 */
export const assertStrictToken = (token: string): void => {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const isStrict =
    Buffer.from(signature, 'base64url').toString('base64url') === signature &&
    ![header, payload].some((part) => hasDuplicateNames(Buffer.from(part, 'base64url').toString('utf8')))
  if (!isStrict) throw new ContextError('ERR_CONTEXT_TOKEN_MALFORMED')
}

/** Whether an object in a JSON text has two members of one name, however it is escaped. The text must be valid JSON. */
export const hasDuplicateNames = (json: string): boolean => {
  const open: Set<string>[] = []
  // Strings first, so that no bracket or colon within one counts. A string before a colon is the name of a member.
  for (const [piece] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}]/gs)) {
    if (piece === '{') open.push(new Set())
    else if (piece === '}') open.pop()
    else if (piece.endsWith(':')) {
      const name = JSON.parse(piece.slice(0, piece.lastIndexOf('"') + 1)) as string
      const names = open.at(-1)
      if (names === undefined || names.has(name)) return true
      names.add(name)
    }
  }
  return false
}
