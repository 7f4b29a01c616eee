// The fault of 20 March 2023: a cancelled request leaves its reply on a pooled connection, and the next user reads it.
import { connect, createServer, type Server, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BatchAnswer } from '../../src/connection/message-batch.ts'
import { readFirstAnswer, toSessionMark } from '../../src/session/session-messages.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { addNote, contextOf, newPool, notesApp } from './notes-app.ts'

const app = notesApp()
const alice = contextOf('alice')
const bob = contextOf('bob')

/** A server in between that shifts the replies of a connection by one: it says the last again before the next. */
class Shifter {
  private isArmed = false
  private server: Server | undefined

  async open(target: string): Promise<number> {
    this.server = createServer((near: Socket) => {
      const far = connect(target)
      let reply = Buffer.alloc(0)
      near.on('data', (data) => {
        if (this.isArmed && reply.length > 0) {
          this.isArmed = false
          near.write(reply)
        }
        reply = Buffer.alloc(0)
        far.write(data)
      })
      far.on('data', (data) => {
        reply = Buffer.concat([reply, data])
        near.write(data)
      })
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const)
        one.on('error', () => {}).on('close', () => other.destroy())
    })
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve))
    return (this.server.address() as { readonly port: number }).port
  }

  arm(): void {
    this.isArmed = true
  }

  close(): void {
    this.server?.close()
  }
}

describe('readFirstAnswer', () => {
  const mark = toSessionMark(bob)
  const first = [{ text: 'BEGIN' }, { text: 'SELECT' }]
  const answerOf = (nonce: string): BatchAnswer => ({
    tags: ['BEGIN', 'SELECT 1'],
    rows: [[], [[nonce, 'uec_service']], []],
    error: undefined,
  })

  it('takes the answer to its own session, and refuses that to the session before, which has the same form', () => {
    expect(readFirstAnswer(answerOf(mark.nonce), mark, first)).toBe('uec_service')
    expect(() => readFirstAnswer(answerOf(toSessionMark(bob).nonce), mark, first)).toThrow(
      'the answer to another query',
    )
  })

  it('refuses the answer to a session of another process, which has counted as far', async () => {
    const start = async () => {
      vi.resetModules()
      return import('../../src/session/session-messages.ts')
    }
    const processes = [await start(), await start()] as const
    const [here, there] = processes.map((each) => each.toSessionMark(bob)) as [typeof mark, typeof mark]
    expect(processes[0].readFirstAnswer(answerOf(here.nonce), here, first)).toBe('uec_service')
    expect(() => processes[0].readFirstAnswer(answerOf(there.nonce), here, first)).toThrow(
      'the answer to another query',
    )
  })

  const own = answerOf(mark.nonce)
  it.each<readonly [string, Partial<BatchAnswer>]>([
    ['that begins no transaction', { tags: ['COMMIT', 'SELECT 1'] }],
    ['that says less', { tags: ['BEGIN'], rows: [[], []] }],
    ['that says more', { tags: ['BEGIN', 'SELECT 1', 'COMMIT'], rows: [...own.rows, []] }],
    ['of two rows', { rows: [[], [...own.rows[1]!, ...own.rows[1]!], []] }],
    ['of no row', { rows: [[], [], []] }],
  ])('refuses an answer %s', (_title, part) => {
    expect(() => readFirstAnswer({ ...own, ...part }, mark, first)).toThrow('the answer to another query')
  })

  it('refuses the answer of a server whose rules do not bind the login', () => {
    expect(() => readFirstAnswer({ ...own, rows: [[], [[mark.nonce, null]], []] }, mark, first)).toThrow('superuser')
  })
})

describe('withUserSession on a connection whose replies are shifted by one', () => {
  const shifter = new Shifter()
  let pool: pg.Pool

  beforeAll(async () => {
    const { host } = app.database.service
    pool = newPool(app.database, { host: '127.0.0.1', port: await shifter.open(`${host}/.s.PGSQL.5432`) })
    await addNote(alice, pool, 'of alice')
    await addNote(bob, pool, 'of bob')
  })
  afterAll(async () => {
    await pool.end()
    shifter.close()
  })

  it('gives a plain query the rows of another: the fault is there', async () => {
    await pool.query(`SELECT 'of alice' AS title`)
    shifter.arm()
    const { rows } = await pool.query(`SELECT 'of bob' AS title`)
    expect(rows).toEqual([{ title: 'of alice' }])
    // The connection stays shifted: it goes.
    const client = await pool.connect()
    client.release(true)
  })

  it('refuses a session before its callback runs, closes the connection, and the next one is right', async () => {
    await withUserSession(alice, pool, (session) => session.query('SELECT title FROM app.notes'))
    shifter.arm()
    let isRun = false
    const shifted = withUserSession(bob, pool, () => {
      isRun = true
    })
    await expect(shifted).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_SESSION' })
    expect(isRun).toBe(false)
    const { rows } = await withUserSession(bob, pool, (session) => session.query('SELECT title FROM app.notes'))
    expect(rows).toEqual([{ title: 'of bob' }])
  })

  it('does not take a reply that was left over for the answer to COMMIT', async () => {
    const ending = withUserSession(alice, pool, () => shifter.arm())
    await expect(ending).rejects.toMatchObject({ code: 'ERR_CONTEXT_DATABASE_COMMIT' })
    const { rows } = await withUserSession(bob, pool, (session) => session.query('SELECT title FROM app.notes'))
    expect(rows).toEqual([{ title: 'of bob' }])
  })
})
