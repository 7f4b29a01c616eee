/**
 * A type that no value has and whose text is a sentence: what tsc prints where somebody passes the wrong thing.
 */

/**
 * Stands in a parameter's type beside the right one, so that tsc's own message names the fix. No value can have this
 * type, so it lets nothing in. It costs the compiler nothing per call: it is not generic in the caller's types.
 */
export type Instead<Advice extends string> = { readonly [Sentence in Advice]: never }
