// Imports a package that is not there. Suite "tsd" is red unless this is reported.
import { expectType } from 'tsd'
import { createForUser, type UserExecutionContext, type VerifiedUser } from 'package-that-is-missing'

declare const user: VerifiedUser
expectType<UserExecutionContext>(createForUser(user))
