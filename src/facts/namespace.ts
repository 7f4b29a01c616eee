/**
 * The namespace of users: whose subjects they are. A subject is unique within its issuer only, so nothing is filed
 * under the subject alone.
 */
import type { IssueKind } from '../errors/issue.ts'

/**
 * The id alphabet and `/`, so that an issuer fits as it stands (`https://id.example.com/realms/main`). Compared
 * character by character: nothing is trimmed, lower-cased or normalised, and `https://a.example` is not
 * `https://a.example/`.
 */
const grammar = /^[A-Za-z0-9!#$%&()+,\-./:;=?@[\]^_{|}~]{1,256}$/

/** What is wrong with a value as a namespace, or undefined when it is one. */
export const findNamespaceIssue = (value: unknown): IssueKind | undefined => {
  if (typeof value !== 'string') return value === undefined || value === null ? 'missing' : 'not a string'
  if (grammar.test(value)) return undefined
  return value === '' ? 'empty' : value.length > 256 ? 'too long' : 'illegal character'
}
