import { createForUser, own, type VerifiedUser } from 'user-execution-context'

export const openNotes = (user: VerifiedUser): Map<string, string> =>
  own(createForUser(user), new Map<string, string>())
