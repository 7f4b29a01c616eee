/**
 * Globs of an allow list, as picomatch reads them: braces and extended globs included.
 */
import picomatch from 'picomatch'

/** True when the file, seen from the working directory, fits one of the globs. */
export const isAllowedFile = (filename: string, workingFolder: string, globs: readonly string[]): boolean => {
  const file = toSlashes(filename)
  const folder = `${toSlashes(workingFolder).replace(/\/$/, '')}/`
  const path = file.startsWith(folder) ? file.slice(folder.length) : file
  return globs.some((glob) => picomatch.isMatch(path, glob.replace(/^\.\//, ''), { dot: true }))
}

const toSlashes = (path: string): string => path.replaceAll('\\', '/')
