/** Names a definition by where it ends: a declaration may begin at its decorators. */
export const definitionKey = ({ file, end }: { readonly file: string; readonly end: number }): string =>
  `${file}:${end}`
