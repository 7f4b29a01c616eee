/**
 * Tokens whose signature was verified: verifying one costs twenty times what everything else about a request does.
 */
import crypto from 'node:crypto'
import type { VerifiedUser } from 'user-execution-context'

type Remembered = { readonly user: VerifiedUser; readonly keyList: object }

/** The tokens that need not be verified again. */
export type RememberedTokens = {
  /** The user of a token, while its proof has not ended and the keys are those that verified it. */
  readonly find: (token: string, currentList: object | undefined) => VerifiedUser | undefined
  readonly add: (token: string, user: VerifiedUser, keyList: object) => void
  readonly forget: (token: string) => void
}

/**
 * Makes a memory. It holds a digest of the whole token, the signature included, and never the token: what is read from
 * the memory of this process signs nobody in. Beyond `maxTokens` that was not used for longest is forgotten.
 */
export const rememberedTokens = (maxTokens: number): RememberedTokens => {
  const remembered = new Map<string, Remembered>()
  return {
    find: (token, currentList) => {
      const key = toKey(token)
      const found = remembered.get(key)
      if (found === undefined) return undefined
      // Removed also when it is to be moved behind the others.
      remembered.delete(key)
      if (found.keyList !== currentList || hasEnded(found.user)) return undefined
      remembered.set(key, found)
      return found.user
    },
    add: (token, user, keyList) => {
      if (maxTokens === 0) return
      remembered.set(toKey(token), { user, keyList })
      for (const [key, oldest] of remembered) {
        if (remembered.size <= maxTokens && !hasEnded(oldest.user)) break
        remembered.delete(key)
      }
    },
    forget: (token) => void remembered.delete(toKey(token)),
  }
}

function hasEnded({ expiresAtMs }: VerifiedUser): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= Date.now()
}

function toKey(token: string): string {
  // Not imported by its name: on a Node that is too old for it the link would fail, before the core can say why.
  return crypto.hash('sha256', token, 'base64')
}
