/**
 * Whom a browser may have sent: the attack is a page of somebody else that gets its own name resolved to this server
 * (DNS rebinding).
 */
import type { Settings } from '../options/options.ts'

/** Whether `Host` and `Origin` name hosts that this server knows. A request without `Origin` comes from no page. */
export const isFromKnownHost = (request: Request, { hosts, origins }: Settings): boolean => {
  const host = request.headers.get('host') ?? new URL(request.url).host
  const origin = request.headers.get('origin')
  return isListed(`http://${host}`, hosts) && (origin === null || isListed(origin, origins))
}

function isListed(address: string, names: readonly string[]): boolean {
  try {
    return names.includes(new URL(address).hostname)
  } catch {
    return false
  }
}
