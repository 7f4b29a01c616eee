import { createForUser } from 'user-execution-context'
import { user } from './backend.ts'

createForUser(user)
