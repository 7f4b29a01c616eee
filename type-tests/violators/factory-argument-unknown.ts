// fails: TS2353
// says: 'colour' does not exist in type
import { createForUser } from 'user-execution-context'
import { user } from './backend.ts'

createForUser(user, { colour: 'blue' })
