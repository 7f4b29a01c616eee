/**
 * Globs of an allow list, as picomatch reads them: braces and extended globs included.
 */
import picomatch from 'picomatch'

/** True when the file, seen from the working directory, fits one of the globs. */
export const isAllowedFile = (filename: string, workingDirectory: string, globs: readonly string[]): boolean => {
  const file = toSlashes(filename)
  const directory = `${toSlashes(workingDirectory).replace(/\/$/, '')}/`
  const path = file.startsWith(directory) ? file.slice(directory.length) : file
  return globs.some((glob) => picomatch.isMatch(path, glob.replace(/^\.\//, ''), { dot: true }))
}

const toSlashes = (path: string): string => path.replaceAll('\\', '/')
