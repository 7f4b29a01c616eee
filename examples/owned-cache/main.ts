// A cache that serves each user their own entries, and a session that serves its owner only.
import { assertOwned, createForUser, encodeKey, isContextError, own, toOwnerKey } from 'user-execution-context'
import type { UserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

const entries = new Map<string, string>()
// The encoding is injective: no owner and name run together to the key of another owner.
const keyOf = (context: UserExecutionContext, name: string): string => encodeKey([toOwnerKey(context), name])

const ada = createForUser(vouchForUser('ada', { reason: 'example' }))
const bob = createForUser(vouchForUser('bob', { reason: 'example' }))

entries.set(keyOf(ada, 'draft'), 'the draft of ada')
console.log('ada:', entries.get(keyOf(ada, 'draft')))
console.log('bob:', entries.get(keyOf(bob, 'draft')))

const session = own(ada, { open: true })
const close = (context: UserExecutionContext, owned: { open: boolean }): void => {
  assertOwned(context, owned)
  owned.open = false
}
try {
  close(bob, session)
} catch (error) {
  console.log('bob closes:', isContextError(error) && error.code)
}
close(ada, session)
console.log('open after ada closes:', session.open)
