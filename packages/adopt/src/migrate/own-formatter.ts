/**
 * Formats edited files with the code base's own Prettier, and only those that were formatted before.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Workspace } from './workspace.ts'

/** What is used of Prettier, in version 2 and 3 alike. */
type Prettier = {
  readonly resolveConfig: (path: string, options: { readonly editorconfig: boolean }) => unknown
  readonly getFileInfo: (
    path: string,
    options: { readonly ignorePath: string },
  ) => { readonly ignored: boolean } | Promise<{ readonly ignored: boolean }>
  readonly check: (text: string, options: object) => boolean | Promise<boolean>
  readonly format: (text: string, options: object) => string | Promise<string>
}

/** @returns The new texts, formatted where the old text was. A file that Prettier cannot read stays as it is. */
export const formatLikeBefore = async (
  workspace: Workspace,
  texts: ReadonlyMap<string, string>,
): Promise<Map<string, string>> => {
  const formatted = new Map<string, string>()
  for (const [file, text] of texts) {
    const path = join(workspace.root, file)
    const prettier = await loadPrettier(path)
    formatted.set(file, prettier ? await formatOne(prettier, path, workspace, { file, text }) : text)
  }
  return formatted
}

async function formatOne(
  prettier: Prettier,
  path: string,
  workspace: Workspace,
  { file, text }: { readonly file: string; readonly text: string },
): Promise<string> {
  try {
    const { ignored } = await prettier.getFileInfo(path, { ignorePath: join(workspace.root, '.prettierignore') })
    if (ignored) return text
    const config = (await prettier.resolveConfig(path, { editorconfig: true })) as object | null
    const options = { ...config, filepath: path }
    return (await prettier.check(workspace.source(file).text, options)) ? await prettier.format(text, options) : text
  } catch {
    return text // a configuration that does not load, or syntax that this Prettier does not know
  }
}

const known = new Map<string, Promise<Prettier | undefined>>()

/** The Prettier that the file's own package has installed. */
async function loadPrettier(path: string): Promise<Prettier | undefined> {
  try {
    const entry = createRequire(path).resolve('prettier')
    if (!known.has(entry)) known.set(entry, importPrettier(entry))
    return await known.get(entry)
  } catch {
    return undefined
  }
}

async function importPrettier(entry: string): Promise<Prettier | undefined> {
  const module = (await import(pathToFileURL(entry).href)) as Prettier & { readonly default?: Prettier }
  return module.default ?? module
}
