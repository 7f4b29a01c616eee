/**
 * Reads JSON with comments and trailing commas, as tsconfig files are written.
 * Small on purpose: values only, no positions.
 */

/** The value in a text of JSON with comments and trailing commas. @throws SyntaxError */
export const readJsonc = (text: string): unknown => {
  // Strings are matched first, so that `//` and `,` inside them stay.
  const stripped = text.replace(
    /("(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, kept: string | undefined) => kept ?? ' ',
  )
  const strict = stripped.replace(/("(?:\\.|[^"\\\n])*")|,(?=\s*[}\]])/g, (_, kept: string | undefined) => kept ?? '')
  return strict.trim() === '' ? {} : JSON.parse(strict)
}
