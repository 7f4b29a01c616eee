// THE table of what a stranger presents: a sealed text, an approval, a handle or a ticket that somebody forged, or that
// was used. A public function with such a parameter that is missing here turns tests/forgery/presented.test.ts red.
import { openHandles, type Crossed } from './crossing.ts'
import { call, type Exports } from './entry-points.ts'
import { approve, bytes, hop, newReplay, newRing, payment } from './hop-crossings.ts'

/** How parameters are called that take such a thing. */
export const presentedNames = ['text', 'approval', 'handle', 'ticket'] as const

/**
 * - `refuses`: by what is presented, the answer (a code, or what a name of nobody gets) and the attempt.
 * - `nothing`: what the parameter is instead.
 */
export type Presented =
  | { readonly refuses: Readonly<Record<string, readonly [answer: unknown, attempt: (crossed: Crossed) => unknown]>> }
  | { readonly nothing: string }

const written = 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA'
const otherKey = 8
const sealAndOpen = async (
  { exports, victim }: Crossed,
  { keyByte, uses = 1, change = {} }: { keyByte?: number; uses?: number; change?: object },
): Promise<unknown> => {
  const sealing = { ...hop, sealer: newRing(exports, keyByte)['sealer'], ttlMs: 9000, once: true }
  const text = await call(exports, 'sealContext', victim, sealing)
  const { opener } = newRing(exports)
  const opening = { ...hop, opener, replay: newReplay(exports), liveness: 'end-only' }
  for (let use = 1; use < uses; use++) await call(exports, 'openSealed', text, opening)
  return call(exports, 'openSealed', text, { ...opening, ...change })
}
const approveOwn = (change: Parameters<typeof approve>[3]) => (crossed: Crossed) =>
  approve(crossed, crossed.victim, crossed.victim, change)
const openingOf = (exports: Exports) => {
  const { opener } = newRing(exports)
  return { opener, replay: newReplay(exports), liveness: 'end-only' }
}

const handleOf =
  (uses: number, method: 'find' | 'release') =>
  async ({ core, victim }: Crossed) => {
    const handles = openHandles(core)
    const handle = await handles['open']!(victim, 'of the victim')
    for (let use = 0; use < uses; use++) await handles['release']!(victim, handle)
    return handles[method]!(victim, uses === 0 ? 'A'.repeat(22) : handle)
  }
const ticketOf =
  (isForged: boolean) =>
  async ({ exports }: Crossed) => {
    const office = call(exports, 'ticketOffice') as Readonly<Record<string, (...parameters: unknown[]) => unknown>>
    const ticket = await office['issue']!('s-1', 'token')
    if (isForged) return office['redeem']!('A'.repeat(43))
    await office['redeem']!(ticket)
    return office['redeem']!(ticket)
  }

/** By entry point and function. */
export const presented: Readonly<Record<string, Readonly<Record<string, Presented>>>> = {
  'user-execution-context': {
    'ownedHandles.find': {
      refuses: {
        'a handle that somebody made up': [undefined, handleOf(0, 'find')],
        'a handle that was released': [undefined, handleOf(1, 'find')],
      },
    },
    'ownedHandles.release': {
      refuses: {
        'a handle that somebody made up': [false, handleOf(0, 'release')],
        'a handle that was released': [false, handleOf(1, 'release')],
      },
    },
  },
  '@user-execution-context/transfer': {
    openSealed: {
      refuses: {
        'a text that was used': ['ERR_CONTEXT_SEAL_REPLAYED', (crossed) => sealAndOpen(crossed, { uses: 2 })],
        'a text that was used, for another purpose': [
          'ERR_CONTEXT_SEAL_PURPOSE',
          (crossed) => sealAndOpen(crossed, { uses: 2, change: { purpose: 'other' } }),
        ],
        'a text that was used, by another audience': [
          'ERR_CONTEXT_SEAL_AUDIENCE',
          (crossed) => sealAndOpen(crossed, { uses: 2, change: { audience: 'other' } }),
        ],
        'a text of somebody with a key of their own': [
          'ERR_CONTEXT_SEAL_BROKEN',
          (crossed) => sealAndOpen(crossed, { keyByte: otherKey }),
        ],
        'a text that somebody wrote': [
          /^ERR_CONTEXT_SEAL_(?:MALFORMED|TYPE)$/,
          ({ exports }) => call(exports, 'openSealed', written, { ...hop, ...openingOf(exports) }),
        ],
        'an approval': ['ERR_CONTEXT_SEAL_PURPOSE', approveOwn({ presentedTo: 'openSealed' })],
      },
    },
    openApproval: {
      refuses: {
        'an approval that was used': ['ERR_CONTEXT_SEAL_REPLAYED', approveOwn({ uses: 2 })],
        'an approval, by another run': ['ERR_CONTEXT_SEAL_BINDING', approveOwn({ runId: 'run-2' })],
        'an approval, for another tool': [
          'ERR_CONTEXT_SEAL_BINDING',
          approveOwn({ call: { ...payment, tool: 'send_all' } }),
        ],
        'an approval, for other arguments': [
          'ERR_CONTEXT_SEAL_BINDING',
          approveOwn({ call: { ...payment, arguments: bytes('{"to":"bob"}') } }),
        ],
        'an approval that the acting run gives itself': ['ERR_CONTEXT_SEAL_APPROVER', approveOwn({ isAgent: true })],
        'an approval of somebody with a key of their own': [
          'ERR_CONTEXT_SEAL_BROKEN',
          approveOwn({ keyByte: otherKey }),
        ],
        'a text that somebody wrote': [
          /^ERR_CONTEXT_SEAL_(?:MALFORMED|TYPE)$/,
          ({ exports, victim }) => {
            const options = { ...openingOf(exports), audience: 'agents', call: payment, acting: victim }
            return call(exports, 'openApproval', written, options)
          },
        ],
        'a sealed text of the same audience': [
          'ERR_CONTEXT_SEAL_PURPOSE',
          async ({ exports, victim }) => {
            const sealing = { audience: 'agents', purpose: 'other', ttlMs: 9000, once: true }
            const { sealer } = newRing(exports)
            const text = await call(exports, 'sealContext', victim, { ...sealing, sealer, bind: bytes('x') })
            const options = { ...openingOf(exports), audience: 'agents', call: payment, acting: victim }
            return call(exports, 'openApproval', text, options)
          },
        ],
      },
    },
  },
  '@user-execution-context/golden-path': {
    'openReceiver': { nothing: 'a message' },
    'parseClientMessage': { nothing: 'a message' },
    'wsTransport.send': { nothing: 'a message' },
  },
  '@user-execution-context/golden-path/login': {
    'ticketOffice.redeem': {
      refuses: {
        'a ticket that somebody made up': ['ERR_CONTEXT_TICKET_REFUSED', ticketOf(true)],
        'a ticket that was used': ['ERR_CONTEXT_TICKET_REFUSED', ticketOf(false)],
      },
    },
    'replaceFile': { nothing: 'what is written' },
  },
  '@user-execution-context/postgres': {
    'postgresTickets.redeem': { nothing: 'a ticket: attacked in packages/postgres, in a database' },
  },
  '@user-execution-context/http/express': { 'userContext.handler': { nothing: 'a function' } },
  '@user-execution-context/http/fastify': { 'userContext.handler': { nothing: 'a function' } },
  '@user-execution-context/http/next': { 'userContext.route': { nothing: 'a function' } },
}
