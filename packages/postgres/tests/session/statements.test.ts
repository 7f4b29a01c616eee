// Which statements a session runs, by their first word: behind comments, and whatever the case.
import { describe, expect, it } from 'vitest'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { contextOf, notesApp } from './notes-app.ts'

const app = notesApp()
const run = (statement: string) => withUserSession(contextOf('alice'), app.pool, (session) => session.query(statement))

describe('a statement of a session', () => {
  it.each([
    ...['VALUES (1)', 'TABLE app.notes', '(SELECT 1) UNION (SELECT 2)', 'WITH n AS (SELECT 1) SELECT * FROM n'],
    ...['/* a */ SELECT 1', '-- a\nselect(1)', '\n  Select 1', 'SELECT/* a */1', ';SELECT 1'],
  ])('runs %j', async (statement) => {
    expect((await run(statement)).command).toBe('SELECT')
  })

  it.each(['', ' ', '/* SELECT', '/*/* SELECT */ SELECT 1', '"select" 1', 'EXECUTE alices', 'FETCH 1 FROM c'])(
    'does not run %j',
    async (statement) => {
      await expect(run(statement)).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_STATEMENT' })
    },
  )
})
