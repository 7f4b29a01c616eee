/**
 * Globs of an allow list: `*` within a folder, `**` across folders, `?` one character. Nothing else has a meaning.
 */

/** True when the file, seen from the working directory, fits one of the globs. */
export const isAllowedFile = (filename: string, workingFolder: string, globs: readonly string[]): boolean => {
  const file = toSlashes(filename)
  const folder = `${toSlashes(workingFolder).replace(/\/$/, '')}/`
  const path = file.startsWith(folder) ? file.slice(folder.length) : file
  return globs.some((glob) => toPattern(glob.replace(/^\.\//, '')).test(path))
}

const toSlashes = (path: string): string => path.replaceAll('\\', '/')

const toPattern = (glob: string): RegExp => {
  const source = glob.replace(
    /\*\*\/|\*\*|\*|\?|[^*?]+/g,
    (part) => meanings[part] ?? part.replace(/[.+^${}()|[\]\\]/g, '\\$&'),
  )
  return new RegExp(`^${source}$`)
}

const meanings: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }
