import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../src/phases/limits.ts'
import { inProcessEventLog } from '../../src/phases/ports/in-process-event-log.ts'
import { inProcessRunQueue } from '../../src/phases/ports/in-process-run-queue.ts'
import { openGoldenPathServer } from '../../src/server/open-golden-path-server.ts'
import { parseServerOptions } from '../../src/server/parse-server-options.ts'
import type { GoldenPathServerOptions } from '../../src/server/server-options.ts'
import { testIdentity } from './mounted-app.ts'
import { notingAgent } from './noting-agent.ts'

const log = inProcessEventLog(defaultLimits)
const queue = inProcessRunQueue(defaultLimits)
const users = { find() {}, findById() {}, add() {}, change() {}, remove() {}, count() {} }
const sessions = { revoke() {}, renew() {} }
const options = { agent: notingAgent(), identity: testIdentity }

describe('openGoldenPathServer', () => {
  test.each<[string, object, string, string]>([
    ['no agent', { agent: undefined }, 'agent', 'missing'],
    ['an agent that is no function', { agent: {} }, 'agent', 'not a function'],
    ['neither users of its own nor an issuer', { identity: undefined }, 'identity or dataDirectory', 'missing'],
    ['an identity that is no function', { identity: 'alice' }, 'identity', 'not a function'],
    ['users without a function', { users: { ...users, add: 1 }, dataDirectory: 'd' }, 'users.add', 'not a function'],
    ['users without a place for the secret of their tokens', { users }, 'dataDirectory', 'missing'],
    ['tickets without a function', { tickets: { issue() {} } }, 'tickets.redeem', 'not a function'],
    ['an empty data directory', { dataDirectory: '' }, 'dataDirectory', 'empty'],
    ['a data directory that is no text', { dataDirectory: 7 }, 'dataDirectory', 'not a string'],
    ['a prefix without a slash', { prefix: 'api' }, 'prefix', 'does not fit'],
    ['a prefix with two slashes', { prefix: '//api' }, 'prefix', 'does not fit'],
    ['a prefix with an empty segment', { prefix: '/api//v1' }, 'prefix', 'does not fit'],
    ['a prefix with a query', { prefix: '/api?x' }, 'prefix', 'does not fit'],
    ['a prefix that is encoded', { prefix: '/%61pi' }, 'prefix', 'does not fit'],
    ['a prefix that leads up', { prefix: '/api/../v1' }, 'prefix', 'does not fit'],
    ['a prefix of dots', { prefix: '/..' }, 'prefix', 'does not fit'],
    ['a prefix with a line break', { prefix: '/api\n' }, 'prefix', 'does not fit'],
    ['a prefix with a wildcard', { prefix: '/api/*' }, 'prefix', 'does not fit'],
    ['a whole URL as prefix', { prefix: 'https://example.com/api' }, 'prefix', 'does not fit'],
    ['a prefix that is no text', { prefix: ['/api'] }, 'prefix', 'not a string'],
    ['origins that are no list', { origins: 'https://a.test' }, 'origins', 'not an array'],
    ['an origin with a path', { origins: ['https://a.test', 'https://a.test/'] }, 'origins[1]', 'does not fit'],
    ['an origin with a default port', { origins: ['https://a.test:443'] }, 'origins[0]', 'does not fit'],
    ['an origin without a scheme', { origins: ['a.test'] }, 'origins[0]', 'does not fit'],
    ['an origin in capitals', { origins: ['https://A.test'] }, 'origins[0]', 'does not fit'],
    ['any origin', { origins: ['*'] }, 'origins[0]', 'does not fit'],
    ['the origin null', { origins: ['null'] }, 'origins[0]', 'does not fit'],
    ['an unknown option', { prefx: '/api' }, 'prefx', 'unknown key'],
    ['an unknown limit', { limits: { connections: 1 } }, 'limits.connections', 'unknown key'],
    ['a limit of attempts that is no number', { attempts: { perUser: NaN } }, 'attempts.perUser', 'not a number'],
    ['half a proxy', { trustedProxies: 0.5 }, 'trustedProxies', 'not a number'],
    ['bodies of no bytes', { maxBodyBytes: 0 }, 'maxBodyBytes', 'too small'],
    ['a lifetime that is a text', { tokenLifetimeSeconds: '900' }, 'tokenLifetimeSeconds', 'not a number'],
    ['a log that is no function', { log: console }, 'log', 'not a function'],
    ['ports that are no objects', { eventLog: 'memory' }, 'eventLog', 'not an object'],
    ['a log without a function', { eventLog: { ...log, read: undefined } }, 'eventLog.read', 'not a function'],
    [
      'a queue without a function',
      { eventLog: log, runQueue: { ...queue, cancel: 1 } },
      'runQueue.cancel',
      'not a function',
    ],
    ['a queue without a log', { runQueue: queue }, 'eventLog', 'missing'],
    [
      'keys without a function',
      { startKeys: { claim: () => {}, confirm: () => {} } },
      'startKeys.release',
      'not a function',
    ],
    ['a registry that cannot sign out', { sessions: { renew: () => false } }, 'sessions.revoke', 'not a function'],
    ['a resumable agent that is a text', { resumable: 'no' }, 'resumable', 'not a boolean'],
    ['an ambient that is no function', { ambient: true }, 'ambient', 'not a function'],
    ['a listener of errors that is no function', { onError: console }, 'onError', 'not a function'],
    ['a level that there is not', { logLevel: 'trace' }, 'logLevel', 'does not fit'],
    ['an observer that is no function', { observe: {} }, 'observe', 'not a function'],
    ['a tracer that is no function', { traceRun: 'yes' }, 'traceRun', 'not a function'],
    ['a note that is a text', { readinessNote: 'slow' }, 'readinessNote', 'not a function'],
    ['a secret that is a text', { signingSecret: 'secret', dataDirectory: 'd' }, 'signingSecret', 'not an object'],
    ['a secret without a place for users', { signingSecret: {}, sessions }, 'users', 'missing'],
    ['a secret without a place for sign-outs', { signingSecret: {}, users }, 'sessions', 'missing'],
  ])('refuses %s', async (_what, change, path, kind) => {
    await expect(openGoldenPathServer({ ...options, ...change } as never)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [{ path, kind }],
    })
  })

  test('names all issues at once, and no value', async () => {
    const wrong = { prefix: 'secret', origins: ['secret'], log: 1, limits: { eventBytes: 0 } }
    const error: unknown = await openGoldenPathServer(wrong as never).catch((thrown: unknown) => thrown)
    expect((error as { issues: { path: string }[] }).issues.map(({ path }) => path).sort()).toEqual(
      ['agent', 'identity or dataDirectory', 'limits.eventBytes', 'log', 'origins[0]', 'prefix'].sort(),
    )
    expect(String(error)).not.toContain('secret')
  })

  test.each([
    [undefined, ''],
    ['', ''],
    ['/', ''],
    ['/api', '/api'],
    ['/api/', '/api'],
    ['/api/v1.2', '/api/v1.2'],
    ['/~a_b-c', '/~a_b-c'],
  ])('serves below the prefix %j at %j', (prefix, expected) => {
    expect(parseServerOptions({ ...options, prefix } as GoldenPathServerOptions).prefix).toBe(expected)
  })

  test('takes the origin of a browser extension', () => {
    const origins = ['chrome-extension://abcdefgh', 'http://localhost:3000', 'https://[::1]:8443']
    expect(parseServerOptions({ ...options, origins }).origins).toEqual(origins)
  })
})
