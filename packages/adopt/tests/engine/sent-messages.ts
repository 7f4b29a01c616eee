// Every message to the compiler, as it goes into the pipe: one by one or many at once.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Channel = { prototype: { writeAllBuf: (data: Uint8Array, length?: number) => void } }
export type Message = { readonly method: string; readonly payload: string }
export type Sent = {
  readonly messages: Message[]
  /** Bytes of each write. After one, this process waits for the compiler. */
  readonly writes: number[]
}

const questionType = 1

/** Records from now on, in this process. */
export const recordMessages = async (): Promise<Sent> => {
  const sent: Sent = { messages: [], writes: [] }
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const file = pathToFileURL(join(typescript, 'dist/api/syncChannel.js')).href
  const { SyncRpcChannel } = (await import(/* @vite-ignore */ file)) as { SyncRpcChannel: Channel }
  const write = SyncRpcChannel.prototype.writeAllBuf
  let rest: Buffer = Buffer.alloc(0)
  SyncRpcChannel.prototype.writeAllBuf = function (data, length = data.length) {
    sent.writes.push(length)
    rest = Buffer.concat([rest, data.subarray(0, length)])
    for (let packet = packetIn(rest); packet; packet = packetIn(rest)) {
      rest = rest.subarray(packet.length)
      if (packet.type === questionType) sent.messages.push({ method: packet.fields[0]!, payload: packet.fields[1]! })
    }
    return write.call(this, data, length)
  }
  return sent
}

/** Three fields: the type, and two of bytes with their lengths. Undefined while some of it is missing. */
const packetIn = (bytes: Buffer): { type: number; fields: string[]; length: number } | undefined => {
  let at = 2
  const fields: string[] = []
  while (fields.length < 2) {
    if (at >= bytes.length) return undefined
    const lengthBytes = 2 ** (bytes[at]! - 0xc4)
    const from = at + 1 + lengthBytes
    if (from > bytes.length) return undefined
    const end = from + bytes.readUIntBE(at + 1, lengthBytes)
    if (end > bytes.length) return undefined
    fields.push(bytes.toString('utf8', from, end))
    at = end
  }
  return { type: bytes[1]!, fields, length: at }
}
