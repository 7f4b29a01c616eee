// fails: TS2345
// says: UserId, of a context made by createForUser()
import { createForUser } from 'user-execution-context'
import { request, saveNote, user } from './backend.ts'

saveNote(request.body.text, createForUser(user).userId)
