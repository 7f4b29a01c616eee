/**
 * The check of what is registered.
 */
import { ContextError, findUnknownKeys, toIssuePath, type Issue } from 'user-execution-context'

/** What is registered. */
export type Kind = 'tool' | 'prompt' | 'resource' | 'template'

const ofAll = ['title', 'description', '_meta', 'permissions']
const ofResources = [...ofAll, 'icons', 'mimeType', 'size', 'annotations']
/** What a registration may say, on both SDKs. */
const known: Readonly<Record<Kind, readonly string[]>> = {
  tool: [...ofAll, 'inputSchema', 'outputSchema', 'annotations'],
  prompt: [...ofAll, 'argsSchema'],
  resource: ofResources,
  template: [...ofResources, 'list', 'complete'],
}
/** What SDK 2 knows beyond that. */
export const knownBySdk2: Readonly<Record<Kind, readonly string[]>> = {
  tool: ['icons'],
  prompt: ['icons'],
  resource: ['cacheHint'],
  template: ['cacheHint'],
}

type Checked = {
  readonly permissions?: readonly string[] | undefined
  readonly cacheHint?: { readonly cacheScope?: string } | undefined
  readonly list?: unknown
  readonly complete?: unknown
}
type Registered = {
  readonly kind: Kind
  readonly name: string
  readonly config: Checked
  readonly handler: unknown
  /** What is registered already, of the same kind. */
  readonly others: readonly { readonly name: string }[]
  /** Of a template: the names of its variables. Throws for a template that is none. */
  readonly variables?: () => readonly string[]
  /** Of the SDK: the keys that it knows beyond those of both. */
  readonly more?: Readonly<Record<Kind, readonly string[]>>
}

/**
 * The permissions of a registration.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`: a name twice, a key that this kind or this SDK does not use, no
 *   function, no permissions, a template that is none, or a resource of some users that anybody's cache may keep.
 */
export const parseRegistration = (registered: Registered): readonly string[] => {
  const { kind, name, config, handler, others, variables, more } = registered
  const isConfig = typeof config === 'object' && config !== null
  const { permissions = [], cacheHint, list, complete } = isConfig ? config : ({} as Checked)
  // `permission` in place of `permissions` would show a tool to every user.
  const issues = isConfig ? findUnknownKeys(config, [...known[kind], ...(more?.[kind] ?? [])]) : [noConfig]
  if (typeof name !== 'string' || name === '') issues.push({ path: 'name', kind: 'missing' })
  if (others.some((entry) => entry.name === name)) issues.push({ path: 'name', kind: 'duplicate' })
  if (typeof handler !== 'function') issues.push({ path: 'handler', kind: 'not a function' })
  if (variables !== undefined) issues.push(...findFaultsOfTemplate(variables, list, complete))
  if (!Array.isArray(permissions) || !permissions.every((permission) => typeof permission === 'string'))
    issues.push({ path: 'permissions', kind: 'not an array' })
  else if (permissions.length > 0 && cacheHint?.cacheScope === 'public')
    issues.push({ path: 'cacheHint.cacheScope', kind: 'refused by policy' })
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
  return Object.freeze([...permissions])
}

const noConfig: Issue = { path: 'config', kind: 'not an object' }

function findFaultsOfTemplate(variables: () => readonly string[], list: unknown, complete: unknown): readonly Issue[] {
  const names = findNames(variables)
  const issues: Issue[] = names === undefined ? [{ path: 'uriTemplate', kind: 'does not fit' }] : []
  if (list !== undefined && typeof list !== 'function') issues.push({ path: 'list', kind: 'not a function' })
  if (complete === undefined) return issues
  // `complete` of another variable would never be called.
  issues.push(...findUnknownKeys(complete, names ?? Object.keys(complete ?? {}), 'complete'))
  for (const [position, [variable, suggest]] of Object.entries(complete ?? {}).entries())
    if (typeof suggest !== 'function' && suggest !== undefined)
      issues.push({ path: toIssuePath('complete', variable, position), kind: 'not a function' })
  return issues
}

function findNames(variables: () => readonly string[]): readonly string[] | undefined {
  try {
    return variables()
  } catch {
    return undefined
  }
}
