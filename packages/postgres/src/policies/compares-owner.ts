/**
 * Whether an expression of a policy lets nothing through but the rows of the user of the transaction.
 */

/** As PostgreSQL writes the comparison, whichever side is which, also with casts and as a query. */
const owner = String.raw`(?:uec\.owner\(\)|\( ?SELECT uec\.owner\(\) AS owner\))`
const column = String.raw`(?:owner_key|\(owner_key\))(?:::text)?`
const comparison = new RegExp(String.raw`^\((?:${column} = ${owner}|${owner} = ${column})\)$`)

/**
 * Of what is joined by AND one part must be the comparison. What is joined by OR shows other rows, or may: a policy
 * that is meant so is one that somebody looked at.
 *
 * @param expression - As pg_get_expr() gives it, with an empty search path.
 */
export const comparesOwner = (expression: string): boolean =>
  comparison.test(expression) || toAndParts(expression).some((part) => comparison.test(part))

/** The parts of `((a) AND (b))`: none where anything else stands between them. */
function toAndParts(expression: string): readonly string[] {
  const parts: string[] = []
  let [depth, from] = [0, 0]
  let quote: string | undefined
  let between = ''
  for (let at = 0; at < expression.length; at++) {
    const character = expression[at]!
    if (quote !== undefined) {
      if (character === quote) quote = undefined
    } else if (character === "'" || character === '"') quote = character
    else if (character === '(' && ++depth === 2) from = at
    else if (character === ')' && --depth === 1) parts.push(expression.slice(from, at + 1))
    else if (depth === 1 && character !== '(') between += character
  }
  return /^(?: AND )+$/.test(between) ? parts : []
}
