/**
 * The check of the options of a server.
 */
import { findUnknownKeys, isContextError, toIssuePath, type Issue, type LiveSessions } from 'user-execution-context'
import { attemptLimits, type AttemptLimits } from '../login/attempt-limits.ts'
import type { TicketOffice } from '../login/ticket-office.ts'
import type { SigningSecret } from '../login/signing-secret.ts'
import type { UserStore } from '../login/user-store.ts'
import { toSafeObserver } from '../phases/golden-path-event.ts'
import type { GoldenPathOptions } from '../phases/golden-path.ts'
import { invalidOptions, type OptionRules } from '../phases/invalid-options.ts'
import { limitRules, parseLimits, type Limits } from '../phases/limits.ts'
import type { Agent } from '../phases/ports/agent.ts'
import { findMissing, findPortIssues, portRules, type GivenPorts } from '../phases/ports/find-port-issues.ts'
import { isPlainObject } from '../phases/wire/plain-object.ts'
import { addressReader, type AddressReader } from './address-reader.ts'
import { logLevels, type LogLevel } from './log-events.ts'
import { logToStandardError, type Log, type ServerErrorListener } from './log-record.ts'
import type { GoldenPathServerOptions } from './server-options.ts'

/** Options that have been checked, with their defaults. */
export type ServerSettings = {
  readonly agent: Agent
  readonly identity: GoldenPathServerOptions['identity']
  readonly sessions: LiveSessions | undefined
  readonly dataDirectory: string | undefined
  readonly users: UserStore | undefined
  readonly signingSecret: SigningSecret | undefined
  readonly tickets: TicketOffice | undefined
  /** What the golden path is given as it is. */
  readonly ports: GivenPorts & Pick<GoldenPathOptions, 'resumable' | 'ambient' | 'traceRun'>
  /** Empty, or with a slash at its beginning and none at its end. */
  readonly prefix: string
  readonly origins: readonly string[] | undefined
  readonly limits: Limits
  /** What was given of them. */
  readonly limitChanges: Partial<Limits> | undefined
  readonly attempts: AttemptLimits
  readonly toAddress: AddressReader
  readonly trustedProxies: number
  readonly maxBodyBytes: number
  readonly tokenLifetimeSeconds: number | undefined
  readonly log: Log
  readonly logLevel: LogLevel
  readonly observe: GoldenPathServerOptions['observe']
  readonly readinessNote: GoldenPathServerOptions['readinessNote']
  readonly onError: ServerErrorListener | undefined
}

const keys = [
  ...['agent', 'identity', 'sessions', 'dataDirectory', 'prefix', 'origins', 'limits', 'attempts', 'trustedProxies'],
  ...['resumable', 'eventLog', 'runQueue', 'startKeys', 'maxBodyBytes', 'tokenLifetimeSeconds', 'log', 'onError'],
  ...['users', 'tickets', 'signingSecret', 'logLevel', 'observe', 'traceRun', 'readinessNote'],
  ...['ambient'],
]
// Segments of unreserved characters (RFC 3986): a client encodes all others, so that no path would ever match.
const prefixGrammar = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*\/?$/

/** Checks options. @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once. */
export const parseServerOptions = (options: GoldenPathServerOptions): ServerSettings => {
  if (!isPlainObject(options)) throw invalidOptions([{ path: '', kind: 'not a plain object' }])
  const issues = findUnknownKeys(options, keys)
  const { agent, identity, sessions, dataDirectory, prefix = '', origins, log = logToStandardError, onError } = options
  const { maxBodyBytes = 65_536, tokenLifetimeSeconds } = options
  const { resumable, eventLog, runQueue, startKeys, users, tickets, logLevel = 'info', observe, traceRun } = options
  const read = <Value>(parse: () => Value, parent?: string): Value | undefined => {
    try {
      return parse()
    } catch (error) {
      if (!isContextError(error)) throw error
      // The paths of bounds begin at their own options.
      for (const { path, kind } of error.issues)
        issues.push({ path: parent === undefined ? path : [parent, path].filter(Boolean).join('.'), kind })
      return undefined
    }
  }
  const { signingSecret, readinessNote, ambient } = options
  const given = Object.entries({ identity, onError, observe, traceRun, readinessNote, ambient }).filter(
    ([, value]) => value !== undefined,
  )
  for (const [path, value] of [...Object.entries({ agent, log }), ...given])
    if (typeof value !== 'function') issues.push({ path, kind: value === undefined ? 'missing' : 'not a function' })
  if (dataDirectory === undefined) {
    if (identity === undefined && signingSecret === undefined)
      issues.push({ path: 'identity or dataDirectory', kind: 'missing' })
  } else if (typeof dataDirectory !== 'string') issues.push({ path: 'dataDirectory', kind: 'not a string' })
  else if (dataDirectory === '') issues.push({ path: 'dataDirectory', kind: 'empty' })
  if (typeof prefix !== 'string') issues.push({ path: 'prefix', kind: 'not a string' })
  else if (!prefixGrammar.test(prefix)) issues.push({ path: 'prefix', kind: 'does not fit' })
  if (resumable !== undefined && typeof resumable !== 'boolean')
    issues.push({ path: 'resumable', kind: 'not a boolean' })
  if (!logLevels.includes(logLevel)) issues.push({ path: 'logLevel', kind: 'does not fit' })
  // A log of this process alone lacks the runs that a shared queue brings.
  if (runQueue !== undefined && eventLog === undefined) issues.push({ path: 'eventLog', kind: 'missing' })
  issues.push(...findPortIssues({ eventLog, runQueue, startKeys }))
  issues.push(...findMissing('sessions', sessions, ['revoke', 'renew']))
  issues.push(...findMissing('users', users, ['find', 'findById', 'add', 'change', 'remove', 'count']))
  issues.push(...findMissing('tickets', tickets, ['issue', 'redeem']))
  issues.push(...findMissing('signingSecret', signingSecret, []))
  if (dataDirectory === undefined) {
    // They would sign in nowhere: what signs in own users also signs their tokens.
    if (users !== undefined && signingSecret === undefined) issues.push({ path: 'dataDirectory', kind: 'missing' })
    // There is no directory to keep them in.
    if (signingSecret !== undefined)
      for (const [path, port] of Object.entries({ users, sessions }))
        if (port === undefined) issues.push({ path, kind: 'missing' })
  }
  if (origins !== undefined) issues.push(...findOriginIssues(origins))
  for (const [path, count] of Object.entries({ maxBodyBytes, tokenLifetimeSeconds: tokenLifetimeSeconds ?? 1 })) {
    if (!Number.isSafeInteger(count)) issues.push({ path, kind: 'not a number' })
    else if (count < 1) issues.push({ path, kind: 'too small' })
  }
  const limits = read(() => parseLimits(options.limits))
  const attempts = read(() => toAttemptLimits(options.attempts), 'attempts')
  const toAddress = read(() => addressReader(options.trustedProxies))
  if (issues.length > 0) throw invalidOptions(issues, rules)
  return {
    agent,
    identity,
    sessions,
    dataDirectory,
    users,
    signingSecret,
    tickets,
    ports: { resumable, ambient, eventLog, runQueue, startKeys, traceRun },
    prefix: prefix.replace(/\/$/, ''),
    origins: origins && [...origins],
    limits: limits!,
    limitChanges: options.limits,
    attempts: attempts!,
    toAddress: toAddress!,
    trustedProxies: options.trustedProxies ?? 0,
    maxBodyBytes,
    tokenLifetimeSeconds,
    log: toSafeObserver(log),
    logLevel,
    observe,
    readinessNote,
    onError,
  }
}

function toAttemptLimits(given: GoldenPathServerOptions['attempts']): AttemptLimits {
  return given !== undefined && 'begin' in given ? given : attemptLimits(given)
}

// A browser sends scheme, host and port, in lower case and without a slash: anything else would never match.
function findOriginIssues(origins: unknown): readonly Issue[] {
  if (!Array.isArray(origins)) return [{ path: 'origins', kind: 'not an array' }]
  return origins.flatMap((origin: unknown, index): Issue[] => {
    const path = toIssuePath('origins', index)
    if (typeof origin !== 'string') return [{ path, kind: 'not a string' }]
    const isOrigin = URL.canParse(origin) && origin === toOrigin(new URL(origin))
    return isOrigin ? [] : [{ path, kind: 'does not fit' }]
  })
}

// The `origin` of a scheme that is not of the web, such as that of a browser extension, is "null" to URL.
function toOrigin({ protocol, host, origin }: URL): string {
  return origin === 'null' && host !== '' ? `${protocol}//${host}` : origin
}

const rules: OptionRules = {
  prefix: 'A path such as /agent, of letters, digits and - . _ ~ between slashes.',
  logLevel: `One of ${logLevels.join(', ')}.`,
  origins:
    'Scheme, host and port as a browser sends them, such as https://app.example.com: no path, no slash at the end.',
  ...portRules,
  ...limitRules,
}
