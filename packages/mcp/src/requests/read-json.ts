/**
 * The body of a request, read once and within its bound.
 */

/** What a body is: JSON, no JSON, or larger than allowed. */
export type JsonBody = { readonly value: unknown } | 'not JSON' | 'too large'

/** Reads a body. A declared length over the bound is refused unread; what has no length is counted as it comes. */
export const readJson = async (request: Request, maxBytes: number): Promise<JsonBody> => {
  if (Number(request.headers.get('content-length')) > maxBytes) return 'too large'
  const text = await readText(request, maxBytes)
  if (text === undefined) return 'too large'
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return 'not JSON'
  }
}

async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  if (request.body === null) return ''
  const parts: Uint8Array[] = []
  let bytes = 0
  const reader = request.body.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => undefined)
      return undefined
    }
    parts.push(part.value)
  }
  // Decoded at once: part by part, and with a decoder for each body, takes several times as long.
  return decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts))
}

const decoder = new TextDecoder()
