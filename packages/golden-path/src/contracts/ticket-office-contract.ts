/**
 * What every office of tickets must do, as cases that any test runner can run.
 */
import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TicketOffice, TicketOfficeOptions } from '../login/ticket-office.ts'
import { refusalOf, type ContractCase } from './contract-case.ts'

const refused = 'ERR_CONTEXT_TICKET_REFUSED'

/**
 * The cases for an office of tickets.
 *
 * @param openOffice - Gives an office. It may have tickets of others: each case makes sessions of its own.
 * @example
 * ```ts
 * import { ticketOffice } from '@user-execution-context/golden-path/login'
 * import { ticketOfficeContract } from '@user-execution-context/golden-path/contracts'
 *
 * for (const { run } of ticketOfficeContract(ticketOffice)) await run()
 * ```
 */
export const ticketOfficeContract = (
  openOffice: (options?: TicketOfficeOptions) => TicketOffice | Promise<TicketOffice>,
): readonly ContractCase[] => {
  const newCase = (
    name: string,
    check: (office: TicketOffice, sessionId: string) => Promise<void>,
    options?: TicketOfficeOptions,
  ): ContractCase => ({ name, run: async () => check(await openOffice(options), randomUUID()) })
  return [
    newCase('gives the token of a ticket once', async (office, sessionId) => {
      const ticket = await office.issue(sessionId, 'token é 1')
      match(ticket, /^[\w-]{43}$/)
      equal(await office.redeem(ticket), 'token é 1')
      equal(await refusalOf(() => office.redeem(ticket)), refused)
    }),
    newCase('gives every ticket another text', async (office, sessionId) => {
      notEqual(await office.issue(sessionId, 'token'), await office.issue(sessionId, 'token'))
    }),
    newCase('gives the token to one of many who come at once', async (office, sessionId) => {
      const ticket = await office.issue(sessionId, 'token')
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => office.redeem(ticket)))
      equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    }),
    newCase('refuses what is no ticket', async (office, sessionId) => {
      const ticket = await office.issue(sessionId, 'token')
      const last = ticket.at(-1) === 'A' ? 'E' : 'A'
      for (const text of ['', 'unknown', 'a'.repeat(43), `${ticket.slice(0, -1)}${last}`, `${ticket} `, `${ticket}\0`])
        equal(await refusalOf(() => office.redeem(text)), refused)
      equal(await office.redeem(ticket), 'token')
    }),
    newCase(
      'ends a ticket with its time',
      async (office, sessionId) => {
        const ticket = await office.issue(sessionId, 'token')
        await new Promise((resolve) => setTimeout(resolve, 60))
        equal(await refusalOf(() => office.redeem(ticket)), refused)
      },
      { lifetimeMs: 30 },
    ),
    newCase(
      'ends the oldest ticket of a session that has too many, and none of another session',
      async (office, sessionId) => {
        const other = await office.issue(randomUUID(), 'other')
        const tickets: string[] = []
        for (const token of ['a', 'b', 'c']) tickets.push(await office.issue(sessionId, token))
        equal(await refusalOf(() => office.redeem(tickets[0]!)), refused)
        const tokens = await Promise.all([tickets[1]!, tickets[2]!, other].map((ticket) => office.redeem(ticket)))
        deepEqual(tokens, ['b', 'c', 'other'])
      },
      { maxPerSession: 2 },
    ),
    newCase(
      'keeps that number when many are issued at once',
      async (office, sessionId) => {
        const tickets = await Promise.all(Array.from({ length: 12 }, () => office.issue(sessionId, 'token')))
        const outcomes = await Promise.allSettled(tickets.map((ticket) => office.redeem(ticket)))
        equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 3)
      },
      { maxPerSession: 3 },
    ),
  ]
}
