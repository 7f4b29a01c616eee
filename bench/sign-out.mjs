// Two tables of the section "signIn": what a sign-out costs beside revocations that are kept already, and who is
// limited while wrong sign-ins come in.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createForUser, identityProvider, liveSessions } from 'user-execution-context'
import {
  attemptLimits,
  fileRevocationStore,
  fileUserStore,
  passwordHasher,
  passwordIdentity,
} from '../packages/golden-path/dist/login.js'
import { printHeading, printRow, spread } from './measure.mjs'

const signOutsPerRound = 60
const rounds = 31
const day = 86_400_000
const file = 'revocations.jsonl'

/** CPU time of all threads: a revocation is forced to disk before it is answered. */
export async function measureSignOuts() {
  const few = await openRegistry(1000)
  const control = await openRegistry(1000)
  const many = await openRegistry(100_000)
  const registries = { few, control, many }
  const ratios = { control: [], many: [] }
  for (let round = -8; round < rounds; round++) {
    const cpu = {}
    const order = Object.keys(registries)
    for (let turn = 0; turn < (round + 8) % 3; turn++) order.push(order.shift())
    for (const name of order) cpu[name] = await measureRound(registries[name])
    if (round < 0) continue
    ratios.control.push(cpu.control / cpu.few)
    ratios.many.push(cpu.many / cpu.few)
  }
  for (const { close } of Object.values(registries)) await close()
  printHeading(`CPU of ${signOutsPerRound} sign-outs, each on disk before it is answered`)
  printRow('control: 1,000 revoked sessions / 1,000 others', spread(ratios.control))
  printRow('100,000 revoked sessions / 1,000', spread(ratios.many), 1.3)
}

async function measureRound({ sessions, signIn }) {
  const contexts = []
  for (let count = 0; count < signOutsPerRound; count++) contexts.push(createForUser(await signIn('x')))
  const before = process.cpuUsage()
  for (const context of contexts) await sessions.revoke({ session: context })
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** A registry whose file holds as many sign-outs as given, in the form of one that it wrote itself. */
async function openRegistry(count) {
  const directory = await mkdtemp(join(tmpdir(), 'sign-outs-'))
  await writeRevocations(directory, count)
  const sessions = liveSessions({ maxProofMs: day, store: await fileRevocationStore(directory) })
  let number = 0
  const verify = () => ({ userId: 'ada', sessionId: `new-${++number}`, issuedAtMs: Date.now() })
  const signIn = identityProvider({ name: 'bench', sessions, verify })
  const close = async () => {
    sessions.close()
    await rm(directory, { recursive: true })
  }
  return { sessions, signIn, close }
}

async function writeRevocations(directory, count) {
  const sessions = liveSessions({ maxProofMs: day, store: await fileRevocationStore(directory) })
  const verify = () => ({ userId: 'ada', sessionId: 'session-0', issuedAtMs: Date.now() })
  const user = await identityProvider({ name: 'bench', sessions, verify })('x')
  await sessions.revoke({ session: createForUser(user) })
  sessions.close()
  const path = join(directory, file)
  const line = await readFile(path, 'utf8')
  if (line.split('session-0').length !== 2) throw new Error('a revocation of another form')
  const lines = Array.from({ length: count }, (_, index) => line.replace('session-0', `session-${index}`))
  await writeFile(path, lines.join(''))
}

const right = 'the right password'
const wrongPerRound = 60
const rightPerRound = 20

/** Who is limited while the password of one user is guessed from an address that is not the one of this user. */
export async function measureLimits() {
  const directory = await mkdtemp(join(tmpdir(), 'sign-ins-'))
  const users = await fileUserStore(directory)
  // Cheap: how long scrypt takes is not what is measured.
  const hasher = passwordHasher({ cost: 1024 })
  await users.add({ userId: 'ada', userName: 'ada', password: await hasher.toRecord(right) })
  const ratios = { refused: [], compared: [] }
  for (let round = 0; round < rounds; round++) {
    const perUser = 10
    const signIn = passwordIdentity({ users, hasher, limits: attemptLimits({ perUser }) })
    const from = (address, password) =>
      signIn({ userName: 'ada', password, address }).then(
        () => 'in',
        ({ code }) => code,
      )
    const wrong = Array.from({ length: wrongPerRound }, (_, count) => from('192.0.2.1', `guess ${count}`))
    const good = Array.from({ length: rightPerRound }, () => from('198.51.100.7', right))
    const [guesses, answers] = [await Promise.all(wrong), await Promise.all(good)]
    ratios.refused.push(answers.filter((answer) => answer !== 'in').length / rightPerRound)
    ratios.compared.push(guesses.filter((answer) => answer === 'ERR_CONTEXT_IDENTITY_REFUSED').length / perUser)
    if (guesses.includes('in')) throw new Error('a guess signed in')
  }
  const cheap = await passwordHasher({ cost: 16 }).toRecord(right)
  await users.add({ userId: 'bob', userName: 'bob', password: cheap })
  const fromMany = []
  for (let round = 0; round < floodRounds; round++) fromMany.push(await measureFlood(users))
  await rm(directory, { recursive: true })
  printHeading(`${rightPerRound} right sign-ins of a user at once with ${wrongPerRound} wrong ones from elsewhere`)
  printRow('right sign-ins that are refused / all of them', spread(ratios.refused), 0)
  printRow('wrong sign-ins that are compared / as many as may fail', spread(ratios.compared), 1)
  printHeading(`${rightInFlood} right sign-ins of a user, one after the other, while ${floodNetworks} networks guess`)
  printRow('right sign-ins that are refused / all of them', spread(fromMany.map(({ refused }) => refused)), 0)
  printRow('comparisons before a right one, at most / places to wait', spread(fromMany.map(({ delay }) => delay)), 1)
}

const floodNetworks = 300
const floodRounds = 3
const rightInFlood = 8
const placesToWait = 256

/** Each network guesses for another name as soon as it was answered, and once before the first right sign-in. */
async function measureFlood(users) {
  // Of one cost for all: while an expensive one is compared, many cheap ones would be.
  const hasher = passwordHasher({ cost: 16 })
  const signIn = passwordIdentity({ users, hasher, limits: attemptLimits({ perAddress: 1e6 }) })
  let [compared, isOver] = [0, false]
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  const attack = async (network) => {
    for (let guess = 0; !isOver; guess++) {
      const attempt = { userName: `name-${network}-${guess}`, password: 'x', address: `2001:db8:${network}::/64` }
      const code = await signIn(attempt).catch((error) => error.code)
      if (code === 'ERR_CONTEXT_IDENTITY_REFUSED') compared++
      else await pause(20)
    }
  }
  const attacks = Array.from({ length: floodNetworks }, (_, network) => attack(network))
  while (compared < floodNetworks) await pause(5)
  let [refused, delay] = [0, 0]
  for (let count = 0; count < rightInFlood; count++) {
    const before = compared
    await signIn({ userName: 'bob', password: right, address: '198.51.100.7' }).catch(() => refused++)
    delay = Math.max(delay, compared - before)
  }
  isOver = true
  await Promise.all(attacks)
  // Those that run, and those that end in the same turn, wait no more.
  return { refused: refused / rightInFlood, delay: (delay - 4) / placesToWait }
}
