/**
 * Every module that a file names: imports of values and types, static or not, `require`, and references.
 */

// Between the word and the name: `import(/* a bundler's note */ './x')`.
const gap = String.raw`(?:\s|/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*\n)*`
// `from(` is a call of a function of that name: `Buffer.from('x')`.
const named = new RegExp(
  String.raw`(?:\bfrom${gap}|\b(?:import|require)${gap}(?:\(${gap})?)['"${'`'}]([^'"${'`'}\n]+)['"${'`'}]`,
  'g',
)

/** Comments and strings may add some that are none: one edge too many costs a question, one too few hides a site. */
export const moduleSpecifiersOf = (text: string): string[] => {
  const found = new Set<string>()
  for (const [, name = ''] of text.matchAll(named)) found.add(name)
  for (const [, name = ''] of text.matchAll(/^\/\/\/\s*<reference\s+(?:path|types)\s*=\s*['"]([^'"]+)['"]/gm)) {
    found.add(/^[./]/.test(name) || !/\.[cm]?tsx?$/.test(name) ? name : `./${name}`)
  }
  return [...found]
}

/** True when what the file declares is seen without an import: it has none itself, or it augments. */
export const isGlobalText = (text: string, isModule: boolean): boolean =>
  !isModule || /\bdeclare\s+(?:global\b|module\s+['"])/.test(text)
