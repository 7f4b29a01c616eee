// What is left of tickets in memory: nothing, whether they were used or not.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ticketOffice, type TicketOffice } from '../../src/login/ticket-office.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
afterEach(() => void vi.useRealTimers())

const count = 1000
const bytesEach = 20_000
const idOf = (index: number): string => `${index}-${Buffer.alloc(bytesEach, 'x').toString('latin1')}`

/** By how much the heap has grown over the work, as a share of what the sessions of all tickets weigh. */
const growth = async (office: TicketOffice, work: () => Promise<void>): Promise<number> => {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  await work()
  collectGarbage()
  const after = process.memoryUsage().heapUsed
  // The office is still in use: it must hold nothing, not be gone.
  await office.issue('last', 'token')
  return (after - before) / (count * bytesEach)
}

describe('ticketOffice', () => {
  test('holds nothing of a ticket that was used, nor of its session', async () => {
    const office = ticketOffice()
    const share = await growth(office, async () => {
      for (let index = 0; index < count; index++) await office.redeem(await office.issue(idOf(index), 'token'))
    })
    expect(share).toBeLessThan(0.3)
  })

  test('holds nothing of a ticket that has ended, nor of its session', async () => {
    vi.useFakeTimers()
    const office = ticketOffice({ lifetimeMs: 1000 })
    const share = await growth(office, async () => {
      for (let index = 0; index < count; index++) await office.issue(idOf(index), 'token')
      vi.advanceTimersByTime(1001)
    })
    expect(share).toBeLessThan(0.3)
  })

  test('holds no timer of a ticket that was used, or that gave way to a newer one of its session', async () => {
    vi.useFakeTimers()
    const office = ticketOffice()
    for (let index = 0; index < count; index++) await office.issue('s-1', 'token')
    expect(vi.getTimerCount()).toBe(16)
    await office.redeem(await office.issue('s-2', 'token'))
    expect(vi.getTimerCount()).toBe(16)
  })

  test('counts no ticket that was used against those of its session', async () => {
    const office = ticketOffice({ maxPerSession: 2 })
    for (let use = 0; use < 5; use++) await office.redeem(await office.issue('s-1', 'used'))
    const tickets = [await office.issue('s-1', 'first'), await office.issue('s-1', 'second')]
    expect(await Promise.all(tickets.map((ticket) => office.redeem(ticket)))).toEqual(['first', 'second'])
  })
})
