/**
 * The word that a statement begins with, behind what PostgreSQL passes over.
 */

/** White space of PostgreSQL, comments to the end of a line, and empty statements. */
const passedOver = /(?:[ \t\n\r\f\v;]|--[^\n\r]*)*/y
/** What opens or closes a comment. Those of PostgreSQL are nested. */
const commentSign = /\/\*|\*\//g

/**
 * The first word of a statement in small letters, `(` for one in parentheses, or an empty text: for one without a word,
 * and for a comment that does not end.
 */
export const toFirstWord = (statement: string): string => {
  let at = 0
  for (;;) {
    passedOver.lastIndex = at
    at += passedOver.exec(statement)![0].length
    if (!statement.startsWith('/*', at)) break
    at = findCommentEnd(statement, at)
  }
  return /^(?:\(|[a-z]+)/i.exec(statement.slice(at, at + 16))?.[0].toLowerCase() ?? ''
}

function findCommentEnd(statement: string, start: number): number {
  let depth = 0
  commentSign.lastIndex = start
  for (let sign = commentSign.exec(statement); sign !== null; sign = commentSign.exec(statement)) {
    depth += sign[0] === '/*' ? 1 : -1
    if (depth === 0) return commentSign.lastIndex
  }
  return statement.length
}
