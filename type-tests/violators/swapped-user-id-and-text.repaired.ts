import { createForUser } from 'user-execution-context'
import { request, saveNote, user } from './backend.ts'

saveNote(createForUser(user).userId, request.body.text)
