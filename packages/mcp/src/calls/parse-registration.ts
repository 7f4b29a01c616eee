/**
 * The check of what is registered.
 */
import { ContextError, findUnknownKeys } from 'user-execution-context'

/** What a registration of any kind may say. */
const known: readonly string[] = [
  ...['title', 'description', 'icons', '_meta', 'permissions', 'inputSchema', 'outputSchema', 'annotations'],
  ...['argsSchema', 'mimeType', 'size', 'cacheHint', 'list', 'complete'],
]

type Checked = {
  readonly permissions?: readonly string[] | undefined
  readonly cacheHint?: { readonly cacheScope?: string } | undefined
}

/**
 * The permissions of a registration.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`: a name twice, an unknown key, no function, no permissions,
 *   or a resource of some users that anybody's cache may keep.
 */
export const parseRegistration = (
  name: string,
  config: Checked,
  handler: unknown,
  others: readonly { readonly name: string }[],
): readonly string[] => {
  const { permissions = [], cacheHint } = config ?? {}
  // `permission` in place of `permissions` would show a tool to every user.
  const issues = findUnknownKeys(config ?? {}, known)
  if (typeof name !== 'string' || name === '') issues.push({ path: 'name', kind: 'missing' })
  if (others.some((entry) => entry.name === name)) issues.push({ path: 'name', kind: 'duplicate' })
  if (typeof handler !== 'function') issues.push({ path: 'handler', kind: 'not a function' })
  if (!Array.isArray(permissions) || !permissions.every((permission) => typeof permission === 'string'))
    issues.push({ path: 'permissions', kind: 'not an array' })
  else if (permissions.length > 0 && cacheHint?.cacheScope === 'public')
    issues.push({ path: 'cacheHint.cacheScope', kind: 'refused by policy' })
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  return Object.freeze([...permissions])
}
