/**
 * Whom a browser may have sent: the attack is a page of somebody else that gets its own name resolved to this server
 * (DNS rebinding).
 */
import type { Settings } from '../options/options.ts'

/** Why a request is not answered: what it names, what is told of that, and what to do about it. */
export type UnknownHost = { readonly path: 'host' | 'origin'; readonly told: string; readonly fix: string }

/**
 * What of `Host` and `Origin` names a host that this server does not know; undefined for nothing. A request without
 * `Origin` comes from no page.
 */
export const findUnknownHost = (
  request: Request,
  { hosts, origins, corsOrigins }: Settings,
): UnknownHost | undefined => {
  const host = request.headers.get('host') ?? new URL(request.url).host
  // Most requests name it as it is listed, and addresses are costly to parse.
  if (!hosts.includes(host.replace(/:\d{1,5}$/, '')) && !isListed(`http://${host}`, hosts)) return unknownHost
  const origin = request.headers.get('origin')
  if (origin === null || isListed(origin, origins) || corsOrigins.includes(origin)) return undefined
  return unknownOrigin
}

// What is told names an option and no value: a name that somebody else chose stands in no answer and in no log.
const unknownHost: UnknownHost = {
  path: 'host',
  told: 'This server is not known by the name in the Host header. Its operator sets allowedHosts.',
  fix:
    'Add the name under which clients ask (the Host header, without its port) to allowedHosts of mcpContexts(), ' +
    'which is the host of resource by default. localhost, 127.0.0.1 and [::1] are three names.',
}
const unknownOrigin: UnknownHost = {
  path: 'origin',
  told: 'Pages of this origin may not use this server. Its operator sets corsOrigins.',
  fix:
    'Add the exact origin of the page (scheme, host, port) to corsOrigins of mcpContexts() if that page is yours, or ' +
    'its host to allowedOrigins where something in front of this server answers preflights.',
}

function isListed(address: string, names: readonly string[]): boolean {
  return URL.canParse(address) && names.includes(new URL(address).hostname)
}
