// What asking for the end of an identity costs against the brand check of a context.
//   node --expose-gc bench/liveness-pairs.mjs PAIR    as bench/core.mjs runs it
import {
  assertLive,
  assertUserExecutionContext,
  createForUser,
  identityProvider,
  liveSessions,
} from 'user-execution-context'
import { compare } from './measure.mjs'

const contextOf = async (sessions, expiresAtMs) =>
  createForUser(
    await identityProvider({
      name: 'bench',
      sessions,
      verify: () => ({ userId: 'user-1', sessionId: 's-1', expiresAtMs }),
    })('x'),
  )
const filed = await contextOf(liveSessions({ maxProofMs: 3_600_000 }))
const unfiled = await contextOf(undefined, Date.now() + 3_600_000)
const times = (ask) => (operations) => {
  for (let index = 0; index < operations; index++) ask()
}
const options = { operations: 2_000_000, rounds: 21 }

const pairs = {
  control: () =>
    compare(
      times(() => assertUserExecutionContext(filed)),
      times(() => assertUserExecutionContext(filed)),
      options,
    ),
  registry: () =>
    compare(
      times(() => assertLive(filed)),
      times(() => assertUserExecutionContext(filed)),
      options,
    ),
  clock: () =>
    compare(
      times(() => assertLive(unfiled)),
      times(() => Date.now()),
      options,
    ),
}
console.log(JSON.stringify(await pairs[process.argv[2]]()))
