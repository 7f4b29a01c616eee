// Passes on all that a client and the server say, except notifications: as a pooler whose session is another one by the
// time they come. For tests only.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const name = '.s.PGSQL.5432'
/** NotificationResponse (PostgreSQL manual, message formats). */
const notification = 'A'.charCodeAt(0)

/** What a client takes for the host of the server, and the end of it. */
export type DeafProxy = { readonly host: string; readonly close: () => void }

/** Opens one before the server whose socket is in a directory. */
export const openDeafProxy = async (target: string): Promise<DeafProxy> => {
  const host = mkdtempSync(join(tmpdir(), 'uec-deaf-'))
  const server: Server = createServer((near) => {
    const far = connect(join(target, name))
    near.pipe(far)
    let rest = Buffer.alloc(0)
    far.on('data', (data) => {
      const { passed, left } = withoutNotifications(Buffer.concat([rest, data]))
      rest = left
      near.write(passed)
    })
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      one.on('error', () => {})
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(join(host, name), resolve))
  return {
    host,
    close: () => {
      server.close()
      rmSync(host, { recursive: true, force: true })
    },
  }
}

/** Each message has a letter, and its length with that of the length itself. */
function withoutNotifications(bytes: Buffer<ArrayBuffer>) {
  const passed: Buffer[] = []
  let at = 0
  while (bytes.length - at >= 5) {
    const end = at + 1 + bytes.readInt32BE(at + 1)
    if (end > bytes.length) break
    if (bytes[at] !== notification) passed.push(bytes.subarray(at, end))
    at = end
  }
  return { passed: Buffer.concat(passed), left: bytes.subarray(at) }
}
