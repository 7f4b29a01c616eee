import { createForUser } from 'user-execution-context'
import { request, signIn } from './backend.ts'

createForUser(await signIn(request.headers['cookie'] ?? ''))
