/**
 * Which files of the programs are the user's to edit, and which of them are read for what types say.
 */

/** Whether a file, by its path in the tree, is code of it: not installed, not a declaration, not outside. */
export const isOwnSource = (file: string): boolean =>
  !file.startsWith('..') && !/(?:^|\/)node_modules\/|\.d\.[cm]?ts$/.test(file)

/** Whether it is of the tree and written in TypeScript: a program also holds JSON, JavaScript and declarations. */
export const isTypedSource = (file: string): boolean => !file.startsWith('..') && /(?<!\.d)\.[cm]?tsx?$/.test(file)
