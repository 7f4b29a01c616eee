/**
 * What functions of this package are given of other parts: pools, wakes, shards, limits and logins.
 */
import { isContextError, type Issue } from 'user-execution-context'
import { parseLimits, type Limits } from '@user-execution-context/golden-path'
import pg from 'pg'
import { callable, count, fields, having, listOf, optional, text, type Check } from './parse-options.ts'

/** What the timers of Node take at most is some 24 days; none of ours is longer than one. */
export const dayMs = 86_400_000

/** How often something is looked at, milliseconds. */
export const everyMs: Check = count(1, dayMs)

/** A pool of the driver. */
export const pool: Check = having({ query: callable, connect: callable })

/** What openPostgres() gives for one database. */
export const pools: Check = having({ service: pool })

/** What openPostgres() gives for several. */
export const shards: Check = having({ all: listOf(having({ postgres: pools })), route: callable })

/** What openWakeChannel() gives. */
export const wakes: Check = having({ wake: callable, hear: callable })

/** A registry that signs out. */
export const sessions: Check = having({ revoke: callable })

/** A key ring, which is checked where it is used. */
export const ring: Check = having({})

/** Limits, of which these are used. */
export const limitsWith =
  (...used: readonly (keyof Limits)[]): Check =>
  (value, path) => {
    const issues = having(Object.fromEntries(used.map((name) => [name, given])))(value, path)
    if (issues.length > 0) return issues
    return findIssues(() => parseLimits(value as Limits))
  }

/** The issues of a function that checks. */
export const findIssues = (parse: () => unknown): readonly Issue[] => {
  try {
    parse()
    return []
  } catch (error) {
    if (isContextError(error)) return error.issues
    throw error
  }
}

/** A server and a login: a URL, or its parts. */
export const connection: Check = (value, path) => {
  if (typeof value !== 'string') return parts(value, path)
  if (value === '') return [{ path, kind: 'empty' }]
  return isConnectionUrl(value) ? [] : [{ path, kind: 'does not fit' }]
}

const given: Check = (value, path) => (value === undefined ? [{ path, kind: 'missing' }] : [])

const parts: Check = fields({
  host: text(),
  port: optional(count(1, 65_535)),
  user: text(),
  database: text(),
  // One that is empty is a login without a password.
  password: optional((value, path) => (value === '' ? [] : text()(value, path))),
  ssl: optional((value, path) =>
    typeof value === 'boolean' || (typeof value === 'object' && value !== null) ? [] : [{ path, kind: 'does not fit' }],
  ),
})

/** Whether the driver takes it, which reads it as it makes a client. Its error may quote the password. */
function isConnectionUrl(url: string): boolean {
  if (!/^(?:postgres(?:ql)?:\/\/|socket:)/.test(url)) return false
  try {
    const { port } = new pg.Client({ connectionString: url })
    return port >= 1 && port <= 65_535
  } catch {
    return false
  }
}
