// Four assertions that are wrong. Suite "tsd" is red unless all four are reported.
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd'
import { createForUser, type UserExecutionContext, type VerifiedUser } from 'user-execution-context'

declare const user: VerifiedUser
expectType<string>(createForUser(user))
expectError(createForUser(user))
expectAssignable<UserExecutionContext>({ ...createForUser(user) })
expectNotAssignable<UserExecutionContext>(createForUser(user))
