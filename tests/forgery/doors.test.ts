// Attacks every door of the package, as it is published, with every forgery of the table.
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { UserExecutionContext, VerifiedUser } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, doors, type Exports } from './doors.ts'
import { findDoorsThatTake, publicDoors } from './exported-doors.ts'
import { forgedPrograms, importNatively, runForgedProgram, writeForgedPrograms } from './forged-program.ts'

const folder = '.data/run-forgeries'
const directory = mkdtempSync(join(tmpdir(), 'forgery-'))
const openDoors = new Map<string, Exports>()
let issueToken: (user: unknown) => unknown
const contextPrograms = forgedPrograms.filter(({ target }) => target === 'context')
const userPrograms = forgedPrograms.filter(({ target }) => target === 'user')

beforeAll(async () => {
  writeForgedPrograms(folder)
  for (const door of Object.keys(publicDoors)) {
    const file = createRequire(import.meta.url).resolve(door)
    openDoors.set(door, (await importNatively(pathToFileURL(file).href)) as Exports)
  }
  const login = openDoors.get('@user-execution-context/golden-path/login')!
  const sessions = await call(login, 'fileSessionRegistry', directory)
  const secret = { kty: 'oct', alg: 'HS256', k: Buffer.alloc(32, 7).toString('base64url') }
  const tokens = call(login, 'accessTokens', {
    issuer: 'https://issuer.example',
    audience: 'forgery-table',
    secret,
    sessions,
  })
  issueToken = (tokens as { issue: (user: unknown) => unknown }).issue
})

afterAll(() => rmSync(directory, { recursive: true }))

const newUser = (): VerifiedUser =>
  call(openDoors.get('user-execution-context/restricted')!, 'vouchForUser', 'user-1', {
    reason: 'forgery table',
    sessionId: 's-1',
  }) as VerifiedUser
const newContext = (): UserExecutionContext =>
  call(openDoors.get('user-execution-context')!, 'createForUser', newUser()) as UserExecutionContext

/** The name or code of what a call throws or rejects with; undefined when it succeeds. */
const outcomeOf = async (attempt: () => unknown): Promise<string | undefined> => {
  try {
    await attempt()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name
  }
}

describe('the table of doors', () => {
  test('covers every public door of every package', () => {
    expect(Object.keys(doors).sort()).toEqual(Object.keys(publicDoors).sort())
  })

  test.each(Object.keys(publicDoors))('names every export of %s, and none that is gone', (door) => {
    const exports = Object.keys(doors[door]!).filter((name) => !name.includes('.'))
    expect(exports.sort()).toEqual(Object.keys(openDoors.get(door)!).sort())
  })

  test.each(Object.keys(publicDoors))('attacks every function of %s whose declaration takes a context', (door) => {
    const attacked = Object.entries(doors[door]!)
      .filter(([, entry]) => 'attack' in entry)
      .map(([name]) => name)
    expect(findDoorsThatTake('UserExecutionContext', door).filter((name) => !attacked.includes(name))).toEqual([])
  })

  test('finds functions in declarations, also those of what an export returns, and properties of records', () => {
    expect(findDoorsThatTake('UserExecutionContext', 'user-execution-context')).toEqual(
      expect.arrayContaining(['deriveChild', 'openAuditTrail.record']),
    )
    expect(findDoorsThatTake('UserExecutionContext', '@user-execution-context/golden-path')).toEqual(
      expect.arrayContaining(['openGoldenPath.execute', 'inProcessRunQueue.enqueue']),
    )
  })

  test('knows every function that takes a verified user', () => {
    const found = Object.keys(publicDoors).flatMap((door) =>
      findDoorsThatTake('VerifiedUser', door).map((name) => `${door} ${name}`),
    )
    expect(found.sort()).toEqual([
      '@user-execution-context/golden-path/login accessTokens.issue',
      'user-execution-context createForUser',
    ])
  })

  test('lets a real context in, so that a refusal means something', async () => {
    const context = newContext()
    const outcomes = new Set<string | undefined>()
    for (const [door, entries] of Object.entries(doors)) {
      for (const entry of Object.values(entries)) {
        if ('attack' in entry) outcomes.add(await outcomeOf(() => entry.attack(openDoors.get(door)!, context)))
        if ('ask' in entry) await entry.ask(openDoors.get(door)!, context)
      }
    }
    // Some doors find nothing of this user behind them (no such run, nothing owned); none says that it is not a context.
    expect(outcomes.has(undefined)).toBe(true)
    expect([...outcomes]).not.toContain('ERR_CONTEXT_NOT_ISSUED')
    expect(call(openDoors.get('user-execution-context')!, 'isUserExecutionContext', context)).toBe(true)
  })
})

describe('a forged context', () => {
  test.each(contextPrograms.filter(({ runTime }) => runTime === 'refused'))(
    'is refused at every door: $name',
    async ({ file }) => {
      const { forged } = await runForgedProgram(folder, file)
      for (const [door, entries] of Object.entries(doors)) {
        for (const [name, entry] of Object.entries(entries)) {
          if ('attack' in entry) {
            expect([door, name, await outcomeOf(() => entry.attack(openDoors.get(door)!, forged as never))]).toEqual([
              door,
              name,
              'ERR_CONTEXT_NOT_ISSUED',
            ])
          }
          if ('ask' in entry)
            expect([door, name, entry.ask(openDoors.get(door)!, forged as never)]).toEqual([door, name, false])
        }
      }
    },
  )

  test.each(contextPrograms.filter(({ runTime }) => runTime !== 'refused'))(
    'cannot be made: $name',
    async ({ file, runTime }) => {
      expect(await outcomeOf(() => runForgedProgram(folder, file))).toBe(runTime)
    },
  )
})

describe('a forged user', () => {
  test.each(userPrograms.filter(({ runTime }) => runTime === 'refused'))(
    'gets no context and no token: $name',
    async ({ file }) => {
      const { forged } = await runForgedProgram(folder, file)
      const core = openDoors.get('user-execution-context')!
      expect(call(core, 'isVerifiedUser', forged)).toBe(false)
      expect(await outcomeOf(() => call(core, 'createForUser', forged))).toBe('ERR_CONTEXT_USER_NOT_VERIFIED')
      expect(await outcomeOf(() => issueToken(forged))).toBe('ERR_CONTEXT_USER_NOT_VERIFIED')
    },
  )

  test.each(userPrograms.filter(({ runTime }) => runTime !== 'refused'))(
    'cannot be made: $name',
    async ({ file, runTime }) => {
      expect(await outcomeOf(() => runForgedProgram(folder, file))).toBe(runTime)
    },
  )

  test('stands beside a real one who does get both', async () => {
    expect(await outcomeOf(newContext)).toBeUndefined()
    expect(await outcomeOf(() => issueToken(newUser()))).toBeUndefined()
  })
})
