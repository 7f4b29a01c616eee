/**
 * One file of the cache: a line that says what it is and the digest of the rest, then JSON. What does not fit its
 * digest
 * is not read.
 */
import { hash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeWhole } from '../../report/write-whole.ts'

/** The content; `absent` when there is none or it was written by another version; `broken` when it is not whole. */
export type CacheRead<Content> =
  | { readonly state: 'absent' }
  | { readonly state: 'broken' }
  | { readonly state: 'read'; readonly content: Content }

const mark = 'user-execution-context adopt cache'

/** Reads a file that the same tool wrote. Never throws. */
export const readCacheFile = <Content>(directory: string, name: string, tool: string): CacheRead<Content> => {
  let text: string
  try {
    text = readFileSync(join(directory, name), 'utf8')
  } catch (cause) {
    return { state: (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'broken' }
  }
  const end = text.indexOf('\n')
  const [found, digest, writer] = text.slice(0, Math.max(0, end)).split('\t')
  const body = text.slice(end + 1)
  if (found !== mark || digest !== hash('sha256', body, 'hex')) return { state: 'broken' }
  if (writer !== tool) return { state: 'absent' }
  try {
    return { state: 'read', content: JSON.parse(body) as Content }
  } catch {
    return { state: 'broken' }
  }
}

/** Writes in one step; of two processes the later one stays. A cache that cannot be written is done without. */
export const writeCacheFile = (directory: string, name: string, tool: string, content: unknown): void => {
  try {
    const body = JSON.stringify(content)
    mkdirSync(directory, { recursive: true })
    // A project that commits its packages does not commit this.
    writeFileSync(join(dirname(directory), '.gitignore'), '*\n')
    writeWhole(join(directory, name), `${[mark, hash('sha256', body, 'hex'), tool].join('\t')}\n${body}`)
  } catch {
    // The answer does not depend on it.
  }
}
