import { createForUser } from 'user-execution-context'
import type { GoldenPath } from '@user-execution-context/golden-path'
import { request, user } from './backend.ts'

declare const goldenPath: GoldenPath
await goldenPath.execute(createForUser(user), { text: request.body.text })
