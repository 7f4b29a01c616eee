/**
 * How the sealed classes of the golden path print themselves.
 */
const { defineProperty } = Object

/**
 * Defines on a prototype what `JSON.stringify()`, template strings and `util.inspect()` call. They print the fields
 * that may be logged, and of a copy that it is one. They never throw: a log line must not end a request.
 *
 * @param isSealed - Whether a value is a real one. A copy has the prototype and none of the private fields.
 */
export const definePrinters = <Sealed extends object>(
  prototype: Sealed,
  name: string,
  isSealed: (value: unknown) => value is Sealed,
  toFields: (sealed: Sealed) => object,
): void => {
  const copyText = `[copy of ${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}]`
  const define = (key: string | symbol, print: unknown): void => {
    defineProperty(prototype, key, { value: print })
  }
  // No way back to the class. An own property, because util.inspect() calls the getters of a prototype that has none.
  define('constructor', Object)
  define('toJSON', function toJson(this: unknown) {
    return isSealed(this) ? toFields(this) : copyText
  })
  define('toString', function toString(this: unknown) {
    return isSealed(this) ? `${name} ${JSON.stringify(toFields(this))}` : copyText
  })
  // Node hands its own inspect() over.
  const inspect = function inspectSealed(
    this: unknown,
    _depth: number,
    options: object,
    inspectFields: (value: unknown, options: object) => string = (value) => JSON.stringify(value),
  ): string {
    return isSealed(this) ? `${name} ${inspectFields(toFields(this), options)}` : copyText
  }
  define(Symbol.for('nodejs.util.inspect.custom'), inspect)
}
