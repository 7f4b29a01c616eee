// The entry points of all packages, loaded as Node does: what is attacked is what is published.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Exports } from './entry-points.ts'
import { publicEntryPoints } from './exported-entry-points.ts'
import { importNatively } from './forged-program.ts'

/** The exports of one, by its name. */
export const importEntryPoint = async (name: string): Promise<Exports> =>
  (await importNatively(pathToFileURL(createRequire(import.meta.url).resolve(name)).href)) as Exports

/** The exports of each, by their names. */
export const importEntryPoints = async (): Promise<ReadonlyMap<string, Exports>> => {
  const loaded = new Map<string, Exports>()
  for (const name of Object.keys(publicEntryPoints)) loaded.set(name, await importEntryPoint(name))
  return loaded
}
