// A statement without its `await`, in a process of its own: Node ends one for a rejection that nobody handles.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { contextOf, notesApp } from './notes-app.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'

const app = notesApp()

it('a statement without its await fails its session, and not the process with all other users', async () => {
  const program = join(import.meta.dirname, 'forgotten-await.run.mjs')
  const config = JSON.stringify(toDriverConfig(app.database.service))
  const { stdout } = await promisify(execFile)(process.execPath, [program, config])
  expect(JSON.parse(stdout)).toEqual([
    'ERR_CONTEXT_DATABASE_SESSION',
    'ERR_CONTEXT_DATABASE_SESSION',
    'ERR_CONTEXT_DATABASE_COMMIT',
    'ERR_CONTEXT_DATABASE_STATEMENT',
    'ERR_CONTEXT_DATABASE_TIMEOUT',
    'of the app',
    'kept',
  ])
})

it('what never began is told by its promise alone: nothing else knows of it', async () => {
  const unheard: unknown[] = []
  const hear = (reason: unknown): void => void unheard.push((reason as { readonly code?: unknown }).code)
  const own = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', hear)
  try {
    await withUserSession(contextOf('alice'), app.pool, (session) => void session.query(7 as never))
    await expect.poll(() => unheard).toEqual(['ERR_CONTEXT_INVALID_OPTIONS'])
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const listener of own) process.on('unhandledRejection', listener)
  }
})
