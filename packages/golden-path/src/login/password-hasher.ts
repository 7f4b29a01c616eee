/**
 * scrypt (RFC 7914) over passwords, a bounded number at a time.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { ContextError, type Issue } from 'user-execution-context'
import { assertNumbers, invalidOptions } from '../phases/invalid-options.ts'
import { assertKnownKeys } from '../phases/known-keys.ts'
import { FairQueue, type WorkOrigin } from './fair-queue.ts'

/** What is kept of a password. Never the password. Do not log. */
export type PasswordRecord = {
  readonly algorithm: 'scrypt'
  /** CPU and memory cost, block size, parallelism: the N, r and p of RFC 7914. */
  readonly cost: number
  readonly blockSize: number
  readonly parallelism: number
  /** base64url. */
  readonly salt: string
  /** base64url, 32 bytes. */
  readonly hash: string
}

/** Whether a value is a record that a password can be compared with. */
export const isPasswordRecord = (value: unknown): value is PasswordRecord => {
  if (typeof value !== 'object' || value === null) return false
  const { algorithm, cost, blockSize, parallelism, salt, hash } = value as Readonly<Record<string, unknown>>
  return (
    algorithm === 'scrypt' &&
    isCount(cost) &&
    Number.isInteger(Math.log2(cost)) &&
    cost > 1 &&
    isCount(blockSize) &&
    isCount(parallelism) &&
    typeof salt === 'string' &&
    typeof hash === 'string'
  )
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

/** Longer ones are refused at sign-in. */
export const maxPasswordCharacters = 1024

/** Nobody signs in with no password, or one that is too long: a record of it would lock its user out. */
function findPasswordIssue(password: unknown): Issue | undefined {
  if (typeof password !== 'string') return { path: 'password', kind: 'not a string' }
  if (password === '') return { path: 'password', kind: 'empty' }
  return password.length > maxPasswordCharacters ? { path: 'password', kind: 'too long' } : undefined
}

/** How much a hash costs and how many run at once. */
export type PasswordHasherOptions = {
  /**
   * N of scrypt, a power of two. Default 32,768 (with r 8 and p 3: 32 MiB and about 0.25 s, one of OWASP's settings).
   */
  readonly cost?: number
  /** Hashes at once. Each holds a thread of Node's pool, which token checks need too. Default 2. */
  readonly maxRunning?: number
  /**
   * Hashes that may wait, so that the last of them waits for about half a minute at the default cost. Addresses take
   * turns, and user names within each: one that has nothing waiting has its turn after one hash of each of the others.
   * With one more, the newest of the address where most passwords were wrong in the last 15 minutes is refused with
   * `ERR_CONTEXT_SIGN_IN_BUSY`, and of several alike, of the one with most waiting; a user name at an address where it
   * signed in before, last of all. Default 256.
   */
  readonly maxWaiting?: number
}

/** Hashes passwords and compares them. */
export type PasswordHasher = {
  /**
   * What to keep of a new password: 1 to 1,024 characters, as passwordIdentity() takes them.
   *
   * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`.
   */
  readonly toRecord: (password: string) => Promise<PasswordRecord>
  /**
   * Compares in the same time whether there is a record or not: an unknown user costs one hash as well.
   *
   * @param origin - Who waits: the address of the attempt, and the name that was typed. Default: one turn for all.
   */
  readonly isMatch: (password: string, record: PasswordRecord | undefined, origin?: WorkOrigin) => Promise<boolean>
}

const rules = { cost: 'A power of two, 2 or more.' }
const blockSize = 8
const parallelism = 3
const hashBytes = 32
/** Of work that is no sign-in from an address. */
const nowhere: WorkOrigin = { address: '', userName: '' }

/**
 * Makes a hasher with its own queue.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`; from its functions: `ERR_CONTEXT_SIGN_IN_BUSY`.
 * @example
 * ```ts
 * import { passwordHasher } from '@user-execution-context/golden-path/login'
 *
 * export const toRecord = (password: string) => passwordHasher().toRecord(password)
 * ```
 */
export const passwordHasher = (options: PasswordHasherOptions = {}): PasswordHasher => {
  assertKnownKeys(options, ['cost', 'maxRunning', 'maxWaiting'])
  assertNumbers(options, { cost: 2, maxRunning: 1, maxWaiting: 0 })
  const { cost = 32_768, maxRunning = 2, maxWaiting = 256 } = options
  if (!Number.isInteger(Math.log2(cost))) throw invalidOptions([{ path: 'cost', kind: 'does not fit' }], rules)
  const waiting = new FairQueue(maxWaiting)
  let running = 0
  // A record that no password matches, with the same cost: what an unknown user is compared with.
  const unknownUser: PasswordRecord = {
    algorithm: 'scrypt',
    cost,
    blockSize,
    parallelism,
    salt: randomBytes(16).toString('base64url'),
    hash: randomBytes(hashBytes).toString('base64url'),
  }

  const hash = async (
    password: string,
    record: Omit<PasswordRecord, 'hash'>,
    origin: WorkOrigin = nowhere,
  ): Promise<Buffer> => {
    if (running >= maxRunning) {
      await new Promise<void>((begin, reject) => {
        const refuse = (): void => reject(new ContextError('ERR_CONTEXT_SIGN_IN_BUSY'))
        waiting.add({ origin, begin, refuse })
      })
    } else {
      running++
    }
    try {
      return await runScrypt(password, record)
    } finally {
      const next = waiting.next()
      if (next === undefined) running--
      else next.begin()
    }
  }

  return Object.freeze({
    toRecord: async (password: string) => {
      const issue = findPasswordIssue(password)
      if (issue !== undefined) throw invalidOptions([issue])
      const record = {
        algorithm: 'scrypt',
        cost,
        blockSize,
        parallelism,
        salt: randomBytes(16).toString('base64url'),
      } as const
      return { ...record, hash: (await hash(password, record)).toString('base64url') }
    },
    isMatch: async (password: string, record: PasswordRecord | undefined, origin?: WorkOrigin) => {
      const wanted = record ?? unknownUser
      const actual = await hash(password, wanted, origin)
      const expected = Buffer.from(wanted.hash, 'base64url')
      const isEqual = expected.length === actual.length && timingSafeEqual(expected, actual)
      const isMatch = isEqual && record !== undefined
      if (origin !== undefined) {
        if (isMatch) waiting.noteSuccess(origin)
        else waiting.noteFailure(origin)
      }
      return isMatch
    },
  })
}

function runScrypt(password: string, record: Omit<PasswordRecord, 'hash'>): Promise<Buffer> {
  const { cost, blockSize: r, parallelism: p } = record
  const options = { N: cost, r, p, maxmem: 256 * cost * r + 1024 * 1024 }
  return new Promise((resolve, reject) => {
    // NFC (RFC 8265 section 4): the same password typed on two systems gives the same bytes.
    scrypt(password.normalize('NFC'), Buffer.from(record.salt, 'base64url'), hashBytes, options, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
