import { createForUser, deriveChild, type UserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { accepts, made } from './make.cjs'

const own: UserExecutionContext = createForUser(vouchForUser('user-1', { reason: 'ES module file' }))
console.log(JSON.stringify([accepts(own), deriveChild(made, 'child').depth]))
