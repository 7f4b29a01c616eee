/**
 * Fetches what an issuer publishes about itself. Addresses come from the options and from the issuer's own document,
 * never from a token: a token that could name one would make this server ask for it (RFC 8725 section 3.10).
 */
import type { JSONWebKeySet } from 'jose'
import { ContextError, type Issue } from 'user-execution-context'
import { fixOfSlash } from './issuer-slash.ts'

const timeoutMs = 5000
/** Many times what any issuer publishes. Bytes. */
const maxDocumentBytes = 1_048_576

/** The address of an issuer's document (OpenID Connect Discovery 1.0, section 4), or undefined when it is no URL. */
export const toDiscoveryUrl = (issuer: string): URL | undefined =>
  URL.canParse(issuer) ? new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`) : undefined

/**
 * Whether keys may be fetched there: an attacker on the line could give others. Plain HTTP is for this machine only.
 */
export const isSafeAddress = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))

/** The key set at an address. Rejects when there is none. */
export const fetchKeySet = async (url: URL): Promise<JSONWebKeySet> => (await fetchJson(url)) as JSONWebKeySet

/**
 * The key set that the document of an issuer points to. The document is asked anew each time, because an issuer that
 * moves its keys says so there.
 *
 * @throws {ContextError} `ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE` when the document is of another issuer (Discovery section
 *   4.3: else a server that answers at one address could sign for all), or names no address of keys that is safe. What
 *   came over HTTPS names none over plain HTTP: else whoever listens on this machine could sign for all.
 */
export const discoverKeySet = async (documentUrl: URL, issuer: string): Promise<JSONWebKeySet> => {
  const document = (await fetchJson(documentUrl)) as { readonly issuer?: unknown; readonly jwks_uri?: unknown } | null
  if (document?.issuer !== issuer) {
    throw unusable({ path: 'issuer', kind: 'does not fit' }, fixOfSlash(document?.issuer, issuer))
  }
  const { jwks_uri: address } = document
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined
  const isSafe =
    url !== undefined && isSafeAddress(url) && (url.protocol === 'https:' || documentUrl.protocol === 'http:')
  if (!isSafe) throw unusable({ path: 'jwks_uri', kind: 'refused by policy' })
  return fetchKeySet(url)
}

function unusable(issue: Issue, more: { readonly fix?: string } = {}): ContextError {
  return new ContextError('ERR_CONTEXT_TOKEN_KEYS_UNAVAILABLE', { issues: [issue], ...more })
}

async function fetchJson(url: URL): Promise<unknown> {
  // A redirect is an answer of another address, which nobody has named.
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`The issuer answered with status ${response.status}.`)
  }
  return JSON.parse(await readBounded(response)) as unknown
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > maxDocumentBytes) throw new Error('The issuer answered with more than a document has.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
