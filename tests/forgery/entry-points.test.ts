// Attacks every entry point of the package, as it is published, with every forgery of the table.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UserExecutionContext, VerifiedUser } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importEntryPoints } from './native-entry-points.ts'
import { call, entryPoints, mcpOptions, type Exports } from './entry-points.ts'
import { findFunctionsThatTake, publicEntryPoints } from './exported-entry-points.ts'
import { forgedPrograms, runForgedProgram, writeForgedPrograms } from './forged-program.ts'

const programs = '.data/run-forgeries'
const directory = mkdtempSync(join(tmpdir(), 'forgery-'))
/** Of the tokens and of their users: a token is refused to a user of any other namespace. */
const issuer = 'https://issuer.example'
let loadedEntryPoints: ReadonlyMap<string, Exports>
let issueToken: (user: unknown) => unknown
/** The functions of MCP servers that serve one user without a token. */
let serve: readonly ((user: unknown) => unknown)[]
const contextPrograms = forgedPrograms.filter(({ target }) => target === 'context')
const userPrograms = forgedPrograms.filter(({ target }) => target === 'user')

beforeAll(async () => {
  writeForgedPrograms(programs)
  loadedEntryPoints = await importEntryPoints()
  const login = loadedEntryPoints.get('@user-execution-context/golden-path/login')!
  const store = await call(login, 'fileRevocationStore', directory)
  const core = loadedEntryPoints.get('user-execution-context')!
  const sessions = call(core, 'liveSessions', { maxProofMs: 43_260_000, store })
  const users = await call(login, 'fileUserStore', directory)
  const secret = { kty: 'oct', alg: 'HS256', k: Buffer.alloc(32, 7).toString('base64url') }
  const tokens = call(login, 'accessTokens', {
    issuer,
    audience: 'forgery-table',
    secret,
    sessions,
    users,
  })
  issueToken = (tokens as { issue: (user: unknown) => unknown }).issue
  serve = Object.entries({ 'mcp': 'factoryFor', 'mcp/sdk-1': 'serverFor' }).map(([entryPoint, name]) => {
    const mcp = loadedEntryPoints.get(`@user-execution-context/${entryPoint}`)!
    return (call(mcp, 'mcpContexts', mcpOptions) as Record<string, (user: unknown) => unknown>)[name]!
  })
})

afterAll(() => rmSync(directory, { recursive: true }))

const newUser = (): VerifiedUser =>
  call(loadedEntryPoints.get('user-execution-context/restricted')!, 'vouchForUser', 'user-1', {
    reason: 'forgery table',
    sessionId: 's-1',
    namespace: issuer,
  }) as VerifiedUser
const newContext = (): UserExecutionContext =>
  call(loadedEntryPoints.get('user-execution-context')!, 'createForUser', newUser()) as UserExecutionContext

/** The name or code of what a call throws or rejects with; undefined when it succeeds. */
const outcomeOf = async (attempt: () => unknown): Promise<string | undefined> => {
  try {
    await attempt()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name
  }
}

describe('the table of entry points', () => {
  test('covers every public entry point of every package', () => {
    expect(Object.keys(entryPoints).sort()).toEqual(Object.keys(publicEntryPoints).sort())
  })

  test.each(Object.keys(publicEntryPoints))('names every export of %s, and none that is gone', (entryPoint) => {
    const exports = Object.keys(entryPoints[entryPoint]!).filter((name) => !name.includes('.'))
    expect(exports.sort()).toEqual(Object.keys(loadedEntryPoints.get(entryPoint)!).sort())
  })

  test.each(Object.keys(publicEntryPoints))(
    'attacks every function of %s whose declaration takes a context',
    (entryPoint) => {
      const attacked = Object.entries(entryPoints[entryPoint]!)
        .filter(([, entry]) => 'attack' in entry)
        .map(([name]) => name)
      expect(
        findFunctionsThatTake('UserExecutionContext', entryPoint).filter((name) => !attacked.includes(name)),
      ).toEqual([])
    },
  )

  test('finds functions in declarations, also those of what an export returns, and properties of records', () => {
    expect(findFunctionsThatTake('UserExecutionContext', 'user-execution-context')).toEqual(
      expect.arrayContaining(['deriveChild', 'openAuditTrail.record']),
    )
    expect(findFunctionsThatTake('UserExecutionContext', '@user-execution-context/golden-path')).toEqual(
      expect.arrayContaining(['openGoldenPath.execute', 'inProcessRunQueue.enqueue']),
    )
  })

  test('knows every function that takes a verified user', () => {
    const found = Object.keys(publicEntryPoints).flatMap((entryPoint) =>
      findFunctionsThatTake('VerifiedUser', entryPoint).map((name) => `${entryPoint} ${name}`),
    )
    expect(found.sort()).toEqual([
      '@user-execution-context/golden-path/login accessTokens.issue',
      '@user-execution-context/mcp mcpContexts.factoryFor',
      '@user-execution-context/mcp/sdk-1 mcpContexts.serverFor',
      '@user-execution-context/testing expectOnlyOwn',
      '@user-execution-context/testing newCanary',
      'user-execution-context addIdentityWatcher',
      'user-execution-context assertLive',
      'user-execution-context createForUser',
      'user-execution-context liveSessions.renew',
      'user-execution-context removeIdentityWatcher',
      'user-execution-context watchIdentity',
    ])
  })

  test('lets a real context in, so that a refusal means something', async () => {
    const context = newContext()
    const outcomes = new Set<string | undefined>()
    for (const [entryPoint, entries] of Object.entries(entryPoints)) {
      for (const entry of Object.values(entries)) {
        if ('attack' in entry)
          outcomes.add(await outcomeOf(() => entry.attack(loadedEntryPoints.get(entryPoint)!, context)))
        if ('ask' in entry) await entry.ask(loadedEntryPoints.get(entryPoint)!, context)
      }
    }
    // Some find nothing of this user (no such run, nothing owned); none says that it is not a context.
    expect(outcomes.has(undefined)).toBe(true)
    expect([...outcomes]).not.toContain('ERR_CONTEXT_NOT_ISSUED')
    expect(call(loadedEntryPoints.get('user-execution-context')!, 'isUserExecutionContext', context)).toBe(true)
  })
})

describe('a forged context', () => {
  test.each(contextPrograms.filter(({ runTime }) => runTime === 'refused'))(
    'is refused at every entry point: $name',
    async ({ file }) => {
      const { forged } = await runForgedProgram(programs, file)
      for (const [entryPoint, entries] of Object.entries(entryPoints)) {
        for (const [name, entry] of Object.entries(entries)) {
          if ('attack' in entry) {
            expect([
              entryPoint,
              name,
              await outcomeOf(() => entry.attack(loadedEntryPoints.get(entryPoint)!, forged as never)),
            ]).toEqual([entryPoint, name, 'ERR_CONTEXT_NOT_ISSUED'])
          }
          if ('ask' in entry)
            expect([entryPoint, name, entry.ask(loadedEntryPoints.get(entryPoint)!, forged as never)]).toEqual([
              entryPoint,
              name,
              false,
            ])
        }
      }
    },
  )

  test.each(contextPrograms.filter(({ runTime }) => runTime !== 'refused'))(
    'cannot be made: $name',
    async ({ file, runTime }) => {
      expect(await outcomeOf(() => runForgedProgram(programs, file))).toBe(runTime)
    },
  )
})

describe('a forged user', () => {
  test.each(userPrograms.filter(({ runTime }) => runTime === 'refused'))(
    'gets no context and no token: $name',
    async ({ file }) => {
      const { forged } = await runForgedProgram(programs, file)
      const core = loadedEntryPoints.get('user-execution-context')!
      expect(call(core, 'isVerifiedUser', forged)).toBe(false)
      expect(await outcomeOf(() => call(core, 'createForUser', forged))).toBe('ERR_CONTEXT_USER_NOT_VERIFIED')
      expect(await outcomeOf(() => issueToken(forged))).toBe('ERR_CONTEXT_USER_NOT_VERIFIED')
      for (const one of serve) expect(await outcomeOf(() => one(forged))).toBe('ERR_CONTEXT_USER_NOT_VERIFIED')
    },
  )

  test.each(userPrograms.filter(({ runTime }) => runTime !== 'refused'))(
    'cannot be made: $name',
    async ({ file, runTime }) => {
      expect(await outcomeOf(() => runForgedProgram(programs, file))).toBe(runTime)
    },
  )

  test('stands beside a real one who does get both', async () => {
    expect(await outcomeOf(newContext)).toBeUndefined()
    expect(await outcomeOf(() => issueToken(newUser()))).toBeUndefined()
    for (const one of serve) expect(await outcomeOf(() => one(newUser()))).toBeUndefined()
  })
})
