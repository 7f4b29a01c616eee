/**
 * What a registry makes of its store when that answers late, fails, repeats itself or falls silent: cases of the
 * contract of stores of revocations.
 */
import { assertLive, identityProvider, liveSessions } from 'user-execution-context'
import type { LiveSessions, RevocationListener, RevocationStore, VerifiedUser } from 'user-execution-context'
import { eventually, expectEqual, refusalOf, type RevocationCheck } from './revocation-samples.ts'

/** How long a feed may be silent in the cases, milliseconds: the least that a registry takes. */
const staleAfterMs = 100

export const registryCases: readonly (readonly [string, RevocationCheck])[] = [
  [
    'answers a sign-out once the store has it, however late, and ends the proof at once',
    async (open) => {
      const { store } = await open()
      let isThere = false
      const write: RevocationStore['write'] = async (tombstone) => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        await store.write(tombstone)
        isThere = true
      }
      const user = newUser()
      const sessions = openSessions({ ...store, write })
      const proof = await eventuallySignedIn(sessions, user)
      const revoking = sessions.revoke({ user })
      expectEqual(await refusalOf(() => assertLive(proof)), 'ERR_CONTEXT_IDENTITY_REVOKED')
      expectEqual(isThere, false)
      await revoking
      expectEqual(isThere, true)
      sessions.close()
    },
  ],
  [
    'says that a sign-out failed when the store did, and ends the proof all the same',
    async (open) => {
      const { store } = await open()
      const write = async (): Promise<void> => {
        throw Object.assign(new Error('The disk is full.'), { code: 'ENOSPC' })
      }
      const user = newUser()
      const sessions = openSessions({ ...store, write })
      const proof = await eventuallySignedIn(sessions, user)
      expectEqual(await refusalOf(() => sessions.revoke({ user })), 'ENOSPC')
      expectEqual(await refusalOf(() => assertLive(proof)), 'ERR_CONTEXT_IDENTITY_REVOKED')
      sessions.close()
    },
  ],
  [
    'lets a user in again who signs in after a revocation that is told again and again',
    async (open) => {
      const { store } = await open()
      const user = newUser()
      const sessions = openSessions({ ...store, follow: (listener) => repeat(store, listener) })
      const proof = await eventuallySignedIn(sessions, user)
      await sessions.revoke({ user })
      expectEqual(await refusalOf(() => assertLive(proof)), 'ERR_CONTEXT_IDENTITY_REVOKED')
      await new Promise((resolve) => setTimeout(resolve, 5))
      const again = await eventuallySignedIn(sessions, user)
      await new Promise((resolve) => setTimeout(resolve, 3 * staleAfterMs))
      expectEqual(await refusalOf(() => assertLive(again)), 'allowed')
      sessions.close()
    },
  ],
  [
    'lets nothing go on while its feed is silent, and afterwards all but what was revoked meanwhile',
    async (open) => {
      const { store } = await open()
      const [user, other] = [newUser(), newUser()]
      const feed = silenceable(store)
      const sessions = openSessions(feed.store)
      const [proof, kept] = [await eventuallySignedIn(sessions, user), await eventuallySignedIn(sessions, other)]
      feed.silence()
      await eventually(async () => (await signIn(sessions, user)) === 'ERR_CONTEXT_LIVENESS_UNKNOWN', 'it is silent')
      const isUnknown = async () => (await refusalOf(() => assertLive(kept))) === 'ERR_CONTEXT_LIVENESS_UNKNOWN'
      await eventually(isUnknown, 'what is open does nothing')
      const elsewhere = openSessions({ tombstones: store.tombstones, write: store.write })
      await elsewhere.revoke({ user })
      feed.speak()
      await eventuallySignedIn(sessions, other)
      await eventually(async () => (await refusalOf(() => assertLive(kept))) === 'allowed', 'what is open goes on')
      const isRevoked = async () => (await refusalOf(() => assertLive(proof))) === 'ERR_CONTEXT_IDENTITY_REVOKED'
      if (feed.isShared) await eventually(isRevoked, 'what was revoked meanwhile ends')
      for (const each of [sessions, elsewhere]) each.close()
    },
  ],
]

type User = { readonly namespace: string; readonly userId: string }

const newUser = (): User => ({ namespace: 'contract', userId: crypto.randomUUID() })

function openSessions(store: RevocationStore): LiveSessions {
  return liveSessions({ maxProofMs: 3_600_000, staleAfterMs, store })
}

/** Signs in, or says why not. */
async function signIn(sessions: LiveSessions, { namespace, userId }: User): Promise<VerifiedUser | string> {
  const provider = identityProvider({
    ...{ name: 'contract', namespace, sessions },
    verify: async (id: string) => ({ userId: id, issuedAtMs: Date.now() }),
  })
  try {
    return await provider(userId)
  } catch (error) {
    return String((error as { readonly code?: unknown }).code)
  }
}

async function eventuallySignedIn(sessions: LiveSessions, user: User): Promise<VerifiedUser> {
  let proof: VerifiedUser | string = ''
  await eventually(async () => {
    proof = await signIn(sessions, user)
    return typeof proof !== 'string'
  }, 'the user is signed in')
  return proof as unknown as VerifiedUser
}

/** A feed that says everything twice; of a store without one, one that repeats what it was opened with. */
function repeat(store: RevocationStore, { revoked, heard }: RevocationListener): () => void {
  const told = new Set(store.tombstones)
  const tell = (): void => {
    for (const tombstone of told) for (let times = 0; times < 2; times++) revoked(tombstone)
    heard()
  }
  const timer = setInterval(tell, staleAfterMs / 4)
  tell()
  const unfollow = store.follow?.({ revoked: (tombstone) => void told.add(tombstone), heard: tell })
  return () => {
    clearInterval(timer)
    unfollow?.()
  }
}

/** A store whose feed can be kept from the registry; of a store without a feed, one that says only that it is heard. */
function silenceable(store: RevocationStore) {
  let isSilent = false
  const waiting: (() => void)[] = []
  // An old word that it is heard would be a lie.
  const say = (heard: () => void): void => void (isSilent || heard())
  const follow = ({ revoked, heard }: RevocationListener): (() => void) => {
    const timer = setInterval(() => store.follow ?? say(heard), staleAfterMs / 4)
    const unfollow = store.follow?.({
      revoked: (tombstone) => void (isSilent ? waiting.push(() => revoked(tombstone)) : revoked(tombstone)),
      heard: () => say(heard),
    })
    return () => {
      clearInterval(timer)
      unfollow?.()
    }
  }
  return {
    store: { ...store, follow } satisfies RevocationStore,
    isShared: store.follow !== undefined,
    silence: () => void (isSilent = true),
    speak: () => {
      isSilent = false
      for (const tell of waiting.splice(0)) tell()
    },
  }
}
