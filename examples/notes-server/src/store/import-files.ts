/**
 * Brings what earlier starts kept in files of the data directory into PostgreSQL, once.
 */
import { randomUUID } from 'node:crypto'
import { access, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { isContextError, type RevocationStore } from 'user-execution-context'
import {
  fileRevocationStore,
  fileUserStore,
  readTextIfPresent,
  type StoredUser,
  type UserStore,
} from '@user-execution-context/golden-path/login'
import { readAllNotes } from '../notes-agent/file-notes.ts'
import { addNotesSql, lockNotesSql } from '../notes-agent/postgres-notes.ts'

/**
 * Brings the notes. Their directory is renamed to a number of its own first, which is committed with them: a process
 * that is ended at any moment in between adds none twice and loses none.
 *
 * @param pool - Logs in as `uec_service`.
 * @param directory - The data directory.
 * @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE`. The errors of the driver.
 */
export const importNotes = async (pool: pg.Pool, directory: string): Promise<void> => {
  const notes = join(directory, 'notes')
  if (await isThere(notes)) await rename(notes, `${notes}.importing.${randomUUID()}`)
  for (const name of await readdir(directory)) {
    const [, importId] = /^notes\.importing\.([0-9a-f-]{36})$/.exec(name) ?? []
    if (importId === undefined) continue
    await importOnce(pool, importId, join(directory, name))
    await rename(join(directory, name), `${notes}.imported.${importId}`)
  }
}

async function importOnce(pool: pg.Pool, importId: string, directory: string): Promise<void> {
  const found = await readAllNotes(directory)
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const sql = 'INSERT INTO notes.imports (import_id) VALUES ($1) ON CONFLICT DO NOTHING'
    const { rowCount } = await client.query(sql, [importId])
    for (const { ownerKey, notes } of rowCount === 0 ? [] : found) {
      // For this transaction, as withUserSession() does it for a context: no user is here to have one.
      await client.query("SELECT pg_catalog.set_config('uec.owner', $1, true)", [ownerKey])
      await client.query(lockNotesSql)
      const texts = notes.map(({ text }) => JSON.stringify(text))
      // However many there are: they were accepted.
      await client.query(addNotesSql, [texts, notes.map(({ createdAt }) => createdAt), 2_147_483_647])
    }
    await client.query('COMMIT')
    client.release()
  } catch (error) {
    client.release(true)
    throw error
  }
}

/**
 * Brings the sign-outs: a token that was signed out before must not be accepted afterwards. Their file stays, because
 * it does no harm to read it again.
 */
export const importRevocations = async (
  { write }: Pick<RevocationStore, 'write'>,
  directory: string,
): Promise<void> => {
  if (!(await isThere(join(directory, 'revocations.jsonl')))) return
  for (const tombstone of (await fileRevocationStore(directory)).tombstones ?? []) await write(tombstone)
}

/**
 * Brings the users, and puts their file aside: read again, it would bring back users who were removed
 * since. A user who is there already stays as they are.
 *
 * @throws {ContextError} `ERR_CONTEXT_STORE_UNREADABLE`. The errors of the store.
 */
export const importUsers = async (store: UserStore, directory: string): Promise<void> => {
  const path = join(directory, 'users.json')
  const text = await readTextIfPresent(path)
  if (text === undefined) return
  // It checks the file, and names what is wrong with it.
  await fileUserStore(directory)
  for (const user of (JSON.parse(text) as { readonly users: readonly StoredUser[] }).users) {
    await store.add(user).catch((error: unknown) => {
      if (!isContextError(error) || error.code !== 'ERR_CONTEXT_USER_EXISTS') throw error
    })
  }
  await rename(path, `${path}.imported.${randomUUID()}`)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
