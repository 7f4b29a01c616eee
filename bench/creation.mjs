// One pair of candidates in a process of its own, as a JSON line.
//   node --expose-gc bench/creation.mjs PAIR         one of the names below
//   node --expose-gc bench/creation.mjs peer NAME    a validation library of bench/peers, made to isolate as ours does
import {
  createForUser,
  deriveChild,
  identityProvider,
  isUserExecutionContext,
  toLogFields,
} from 'user-execution-context'
import { refreshIds, toIds, toIsolatedLiteral, toLiteral, toRun, user } from './candidates.mjs'
import { compare, retainedBytes } from './measure.mjs'
import { peers, toFactsSchema } from './peers/peers.mjs'

let sink
const batch = (make) => (operations) => {
  refreshIds()
  for (let index = 0; index < operations; index++) sink = make(index)
}
const awaited = (make) => async (operations) => {
  for (let index = 0; index < operations; index++) sink = await make(index)
}
const againstLiteral = (make) => compare(batch(make), batch(toLiteral), { operations: 100_000 })

const pairs = {
  control: () => againstLiteral(toLiteral),
  generating: () => againstLiteral(() => createForUser(user)),
  checking: () => againstLiteral((index) => createForUser(user, toIds(index))),
  child() {
    refreshIds()
    const parent = createForUser(user, toRun(0))
    return againstLiteral(() => deriveChild(parent, 'search-notes'))
  },
  check() {
    const context = createForUser(user)
    return againstLiteral(() => isUserExecutionContext(context))
  },
  isolation: () =>
    compare(
      batch((index) => createForUser(user, toRun(index))),
      batch((index) => toIsolatedLiteral(toRun(index))),
      { operations: 20_000 },
    ),
  /** The first print of a context makes the texts that later prints find. Both make the context: it has to be new. */
  async printingFirst() {
    const users = await signInUsers()
    const fields = users.map((verified) => toLogFields(createForUser(verified)))
    return compare(
      batch((index) => JSON.stringify(createForUser(users[index & 63]))),
      batch((index) => JSON.stringify(createForUser(users[index & 63]) && fields[index & 63])),
      { operations: 20_000 },
    )
  },
  /** 1,024 contexts of 64 users, printed in turn, against literals that have the text of every field at hand. */
  async printing() {
    const users = await signInUsers()
    const contexts = Array.from({ length: 1024 }, (_, index) => createForUser(users[index & 63]))
    const fields = contexts.map((context) => toLogFields(context))
    return compare(
      batch((index) => JSON.stringify(contexts[index & 1023])),
      batch((index) => JSON.stringify(fields[index & 1023])),
      { operations: 20_000 },
    )
  },
  /** Both await the verifier, as every sign-in does. */
  async identity() {
    const verify = () => toFacts('auth0:5f7c8ec7c33c6c004bbafe82')
    const signIn = identityProvider({ name: 'bench', verify })
    const schema = await toFactsSchema()
    const parse = async (credentials) => schema.parse(await verify(credentials))
    return compare(awaited(signIn), awaited(parse), { operations: 20_000 })
  },
  async peer(name) {
    const check = await peers[name]()
    refreshIds()
    assertGuards(name, check)
    return compare(
      batch((index) => toIsolatedLiteral(check(toRun(index)))),
      batch((index) => createForUser(user, toRun(index))),
      { operations: 10_000 },
    )
  },
  bytes() {
    refreshIds()
    const [ours, literal] = [retainedBytes((index) => createForUser(user, toIds(index))), retainedBytes(toLiteral)]
    const ratio = ours / literal
    return { median: ratio, low: ratio, high: ratio, ratios: [ratio], ours, literal }
  },
}

const [pair, ...words] = process.argv.slice(2)
console.log(JSON.stringify(await pairs[pair](...words)))
if (sink === null) throw new Error('unreachable')

function toFacts(userId) {
  return {
    userId,
    sessionId: 'session-8842-1734',
    tenantId: 'acme-emea',
    permissions: ['notes:read', 'notes:write', 'profile', 'email', 'runs:start'],
    expiresAtMs: Date.now() + 900_000,
  }
}

function signInUsers() {
  return Promise.all(Array.from({ length: 64 }, (_, index) => signInTo(`user-${index}-of-the-bench`)))
}

function signInTo(userId) {
  return identityProvider({ name: 'bench', verify: () => toFacts(userId) })('credentials')
}

/** A peer that lets through what ours refuses would be compared for less work. */
function assertGuards(name, check) {
  if (toIsolatedLiteral(check(toRun(0))).agentContext.client.screen.width !== 1920)
    throw new Error(`${name} lost a value.`)
  for (const wrong of [{ threadId: 'a b' }, { runId: 7 }, { more: 1 }, { agentContext: 'text' }]) {
    let isAccepted = true
    try {
      check({ ...toRun(0), ...wrong })
    } catch {
      isAccepted = false
    }
    if (isAccepted) throw new Error(`${name} accepts ${Object.keys(wrong)[0]} that ours refuses.`)
  }
}
