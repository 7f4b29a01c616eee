// fails: TS2345
// says: UserId, made by parseUserId()
import { createForUser } from 'user-execution-context'
import { request, saveNote, user } from './backend.ts'

saveNote(request.body.text, createForUser(user).userId)
