/**
 * Globs of an allow list, as picomatch reads them: braces and extended globs included. One that begins with `!` takes
 * files out again.
 */
import picomatch from 'picomatch'

/**
 * True when the file, seen from the working directory, fits one of the globs and none of those that begin with `!`.
 * Alone, such a glob would fit all other files of the repository.
 */
export const isAllowedFile = (filename: string, workingDirectory: string, globs: readonly string[]): boolean => {
  const file = toSlashes(filename)
  const directory = `${toSlashes(workingDirectory).replace(/\/$/, '')}/`
  const path = file.startsWith(directory) ? file.slice(directory.length) : file
  const fits = (glob: string): boolean =>
    picomatch.isMatch(path, glob.replace(/^\.\//, ''), { dot: true, nonegate: true })
  const isTakenOut = (glob: string): boolean => isNegative(glob) && fits(glob.slice(1))
  return globs.some((glob) => !isNegative(glob) && fits(glob)) && !globs.some(isTakenOut)
}

// `!(a|b)` is an extended glob.
const isNegative = (glob: string): boolean => glob.startsWith('!') && glob[1] !== '('

const toSlashes = (path: string): string => path.replaceAll('\\', '/')
