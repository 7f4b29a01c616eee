/**
 * The body of a request, read once and within its bound.
 */

/** What a body is: JSON, no JSON, or larger than allowed. */
export type JsonBody = { readonly value: unknown } | 'not JSON' | 'too large'

/** Reads a body. A declared length over the bound is refused unread; what has no length is counted as it comes. */
export const readJson = async (request: Request, maxBytes: number): Promise<JsonBody> => {
  if (Number(request.headers.get('content-length')) > maxBytes) return 'too large'
  const parts: Uint8Array[] = []
  let bytes = 0
  const reader = request.body?.getReader()
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    bytes += part.value.byteLength
    if (bytes > maxBytes) {
      await reader?.cancel().catch(() => undefined)
      return 'too large'
    }
    parts.push(part.value)
  }
  try {
    // Decoded at once: part by part, and with a decoder for each body, takes several times as long.
    return { value: JSON.parse(decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts))) as unknown }
  } catch {
    return 'not JSON'
  }
}

const decoder = new TextDecoder()
