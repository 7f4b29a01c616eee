/**
 * Which copies of this package a process has loaded, by the file that each was loaded from. For messages only: whatever
 * is written here decides nothing, because any code can write it.
 */

/** Under a registered symbol, so that copies of any version find each other. */
const place = Symbol.for('user-execution-context.copies')
type Places = { [place]?: unknown }

/**
 * Files of the copies that were loaded, in order of loading: this one is among them. At most eight, each a printable
 * path.
 */
export const knownCopies = (): readonly string[] => {
  const known = (globalThis as Places)[place]
  return Array.isArray(known) ? known.filter(isPrintablePath).slice(0, 8) : []
}

function isPrintablePath(value: unknown): value is string {
  return typeof value === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,300}$/u.test(value)
}

/**
 * The file that this code runs from, which is a bundle's when it was bundled: read from a stack, the only place that
 * knows.
 */
function ownFile(): string {
  const line = /((?:file:|https?:|\/|[A-Za-z]:\\)[^\s()]*?):\d+:\d+\)?$/m.exec(new Error().stack ?? '')
  return line?.[1] ?? 'a file without a name'
}

function register(): void {
  const copies = [...knownCopies(), ownFile()]
  Object.defineProperty(globalThis, place, { value: copies, configurable: true, writable: true })
  if (copies.length !== 2) return
  console.warn(
    `user-execution-context: two copies are loaded, and neither takes a context of the other. One: ${copies[0]}. ` +
      `Other: ${copies[1]}. ${dueToCopies}`,
  )
}

/** What makes two copies, and what to do. */
export const dueToCopies =
  'If two versions are installed, deduplicate them (npm ls user-execution-context). If a bundler wrote it into two ' +
  'bundles, keep it external (Next.js: serverExternalPackages). If a test reset its modules, import it again after ' +
  'that.'

try {
  register()
} catch {
  // A frozen global object keeps no list: only a message is lost.
}
