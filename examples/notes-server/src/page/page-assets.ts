/**
 * The files of the page, read once, and the headers that keep it to what it is.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

/** One file of the page. */
export type PageAsset = { readonly contentType: string; readonly body: Buffer }

/**
 * Headers of the page's files. The policy allows this server's own script and style, and nothing inline, embedded or
 * from elsewhere; with trusted types the script could not write markup even by mistake. connect-src 'self' covers the
 * WebSocket of the same origin (CSP level 3).
 */
export const pageHeaders: Readonly<Record<string, string>> = Object.freeze({
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
    "require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
})

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/**
 * Reads the built page: `/` and `/page/<file>`. Only what is in this map can be asked for, so no path leads out of it.
 *
 * @throws {Error} when the page was not built (`npm run build`).
 */
export const readPageAssets = async (
  directory: URL = findAssetsDirectory(),
): Promise<ReadonlyMap<string, PageAsset>> => {
  const assets = new Map<string, PageAsset>()
  const files = await readdir(directory).catch((cause: unknown) => {
    throw new Error('The page was not built. Run: npm run build', { cause })
  })
  for (const file of files) {
    const contentType = contentTypes[file.split('.').at(-1) ?? '']
    if (contentType === undefined) continue
    const asset = { contentType, body: await readFile(new URL(file, directory)) }
    assets.set(file === 'index.html' ? '/' : `/page/${file}`, asset)
  }
  return assets
}

function findAssetsDirectory(): URL {
  const built = new URL('./assets/', import.meta.url)
  // The sources run as they are in tests; a script for the browser exists in its built form only.
  return existsSync(built) ? built : new URL('../../dist/page/assets/', import.meta.url)
}
