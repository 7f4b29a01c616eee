// fails: TS2345
// fails 7.0: TS2740
// says: call createForUser() to obtain a UserExecutionContext
import { own, type VerifiedUser } from 'user-execution-context'

export const openNotes = (user: VerifiedUser): Map<string, string> => own(user, new Map<string, string>())
