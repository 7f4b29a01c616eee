/**
 * Keeps the answers of a scan by the content that they come from: the whole result for a tree that did not change, and
 * the answers about each file for one that did.
 */
import { hash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findConfigs } from '../../engine/project-plan.ts'
import { pinnedEngines } from '../../engine/load-engine.ts'
import type { SourceText } from '../../engine/source-text.ts'
import type { SourceTree } from '../../engine/source-tree.ts'
import { newBaseFinder } from '../../engine/tsconfig-bases.ts'
import { readWorkspacePackages } from '../../engine/workspace-paths.ts'
import type { FileOutline } from '../file-facts.ts'
import type { DuplicateFact, KeptResult, ScanOptions } from '../scan-result.ts'
import { readCacheFile, writeCacheFile } from './cache-file.ts'
import { areUnchanged, configChain, type OutsideFile, withDigests } from './outside-files.ts'
import type { StoredAnswers } from './stored-answers.ts'

/** What is kept of every file. `key` says which content `answers` hold for. */
export type StoredFile = {
  readonly digest: string
  readonly outline: FileOutline
  readonly key?: string
  readonly answers?: StoredAnswers
}

export type StoredFiles = {
  readonly outside: readonly OutsideFile[]
  /** By key of two definitions; null where no program sees both. */
  readonly proofs: Readonly<Record<string, DuplicateFact['proof'] | null>>
  /** Key of the questions for which a program held the definition. */
  readonly seenFor: string
  readonly files: Readonly<Record<string, StoredFile>>
}

type StoredResult = { readonly key: string; readonly outside: readonly OutsideFile[]; readonly result: KeptResult }

export type ScanCache = {
  /** Key of everything that answers depend on beside source files and packages. */
  readonly settings: string
  /** Why nothing of an earlier run was used although there is something. */
  readonly note: string | undefined
  /** The result of the same scan of the same content. */
  readonly findResult: () => KeptResult | undefined
  /** What an earlier run kept, where packages and settings are as they were. */
  readonly earlier: () => StoredFiles | undefined
  readonly outlineOf: (source: SourceText) => FileOutline | undefined
  readonly keep: (files: StoredFiles) => void
  readonly keepResult: (result: KeptResult, outside: readonly OutsideFile[]) => void
}

const names = { files: 'files.json', result: 'result.json' }
const unusable = 'The cache is not whole and was not used; it is written anew.'

export const readScanCache = (directory: string, tree: SourceTree, options: ScanOptions): ScanCache => {
  const tool = toolKey()
  const settings = settingsOf(tree, options)
  const key = resultKey(tree, settings)
  const stored = readCacheFile<StoredResult>(directory, names.result, tool)
  let note = stored.state === 'broken' ? unusable : undefined
  let read: StoredFiles | undefined
  let isRead = false
  const files = (): StoredFiles | undefined => {
    if (!isRead) {
      isRead = true
      const found = readCacheFile<StoredFiles>(directory, names.files, tool)
      if (found.state === 'broken') note = unusable
      read = found.state === 'read' ? found.content : undefined
    }
    return read
  }
  let usable: boolean | undefined
  return {
    settings,
    get note() {
      return note
    },
    findResult: () =>
      stored.state === 'read' && stored.content.key === key && areUnchanged(stored.content.outside)
        ? stored.content.result
        : undefined,
    earlier: () => {
      const found = files()
      usable ??= found !== undefined && areUnchanged(found.outside)
      return usable ? found : undefined
    },
    outlineOf: ({ path, digest }) => {
      const found = files()
      const own = found && Object.hasOwn(found.files, path) ? found.files[path] : undefined
      return own?.digest === digest ? own.outline : undefined
    },
    keep: (kept) => writeCacheFile(directory, names.files, tool, kept satisfies StoredFiles),
    keepResult: (result, outside) => writeCacheFile(directory, names.result, tool, { key, outside, result }),
  }
}

export const digestOf = (parts: readonly unknown[]): string => hash('sha256', JSON.stringify(parts), 'hex')

/** Version of the tool and its engines. A build that was not published has times instead. */
const toolKey = (): string => {
  const own = dirname(dirname(fileURLToPath(import.meta.url)))
  const times = readdirSync(own, { recursive: true, withFileTypes: true }).map((entry) => {
    const { size, mtimeMs } = statSync(join(entry.parentPath, entry.name))
    return [entry.name, size, mtimeMs]
  })
  return digestOf([pinnedEngines, times.sort(), process.platform])
}

const settingsOf = (tree: SourceTree, options: ScanOptions): string => {
  const { types, factories, configFiles, include, exclude, questions, includeGenerated, probe, engine } = options
  const configs = configChain(findConfigs(tree, configFiles), newBaseFinder(readWorkspacePackages(tree)))
  return digestOf([
    tree.root,
    { types, factories, configFiles, include, exclude, questions, includeGenerated, probe, engine },
    withDigests([...configs, ...tree.packageFiles]),
    tree.configFiles,
    tree.scriptFiles,
  ])
}

const resultKey = (tree: SourceTree, settings: string): string =>
  digestOf([
    settings,
    [...tree.files.values()].map(({ path, digest }) => [path, digest]),
    tree.skipped.map(({ path, reason, text }) => [path, reason, text]),
    tree.componentFiles.map((file) => [file, readText(file)]),
  ])

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
