// The editor of TypeScript 7 shows the text of a signature, and none for a const whose type is a function type, where
// the text stands at the const. So the build makes a type with one call signature of the function type, and the text
// stands at both. A function declaration would do too, but a consumer's module augmentation could add an overload to
// it.

/** Gives each documented const of a function type its text once more, at the signature. */
export function documentSignatures(declarations) {
  const start = /^(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)export declare const (\w+): (?=[<(])/gm
  let done = ''
  let at = 0
  for (const { 0: found, 1: text, 2: name, index } of declarations.matchAll(start)) {
    const type = declarations.slice(index + found.length)
    const parameters = endOfBrackets(type, type.startsWith('<') ? endOfBrackets(type, 0) : 0)
    if (!type.startsWith(' => ', parameters)) continue
    const end = endOfType(type, parameters)
    const signature = `${type.slice(0, parameters)}: ${type.slice(parameters + ' => '.length, end)}`
    done += `${declarations.slice(at, index)}${text}export declare const ${name}: {\n${text}${signature};\n};`
    at = index + found.length + end + 1
  }
  return done + declarations.slice(at)
}

/** The place after the bracket that closes the one at `from`. An arrow closes nothing. */
function endOfBrackets(type, from) {
  let depth = 0
  for (const { 0: sign, index } of type.slice(from).matchAll(/=>|'(?:[^'\\]|\\.)*'|[<({[\]})>]/g)) {
    if ('<({['.includes(sign)) depth++
    else if (')}]>'.includes(sign) && --depth === 0) return from + index + 1
  }
  throw new Error(`A declaration ends inside of its type: ${type.slice(0, 80)}`)
}

/** The semicolon that ends a type: the first outside of all brackets. */
function endOfType(type, from) {
  let depth = 0
  for (const { 0: sign, index } of type.slice(from).matchAll(/=>|'(?:[^'\\]|\\.)*'|[<({[\]})>;]/g)) {
    if ('<({['.includes(sign)) depth++
    else if (')}]>'.includes(sign)) depth--
    else if (sign === ';' && depth === 0) return from + index
  }
  throw new Error(`A declaration has no end: ${type.slice(0, 80)}`)
}
