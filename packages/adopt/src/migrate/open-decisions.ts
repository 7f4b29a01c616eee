/**
 * What is left, grouped by the one decision that would settle each group.
 */
type LeftSite = { readonly file: string; readonly line: number; readonly reason: string }

/** One decision and the sites that wait for it. */
export type OpenDecision = { readonly decision: string; readonly sites: number; readonly example: string }

/** The decisions, the one that settles most sites first. */
export const findOpenDecisions = (left: readonly LeftSite[]): OpenDecision[] => {
  const groups = new Map<string, LeftSite[]>()
  for (const site of left) {
    const decision = toDecision(site.reason)
    groups.set(decision, [...(groups.get(decision) ?? []), site])
  }
  return [...groups]
    .map(([decision, sites]) => ({ decision, sites: sites.length, example: `${sites[0]!.file}:${sites[0]!.line}` }))
    .sort((a, b) => b.sites - a.sites || (a.decision < b.decision ? -1 : 1))
}

/** The first row whose pattern a reason fits says what settles it. `$1` is what the pattern captures. */
export const decisions: readonly (readonly [reason: RegExp, decision: string])[] = [
  [/^the field (\S+) has no home/, 'give the field $1 a home under migrate.fields, or "drop"'],
  [
    /^no user is given|no context without a user|^the user may be absent/,
    'hand the verified user to where the context is made',
  ],
  [/^the field (\S+) is (?:a placeholder|an empty text)/, 'leave $1 out, or give the real one'],
  [/gets a value called/, 'look which id is meant, and call the variable so'],
  [
    /`any` value flows|is asserted to be the context|of another type is used as/,
    'hand the context on instead of reading it from untyped data',
  ],
  [/^it is written as JSON at/, 'write the fields that are meant, by name'],
  [
    /^its fields are listed at|^what it is made of is asked at|^it is handed to/,
    'write the fields that are meant, by name',
  ],
  [/^it is written as text at/, 'write the fields that are meant, by name'],
  [/^its class is (?:asked for|handed on)/, 'ask for what is meant by a field, and not by the class'],
  [
    /^the class (?:has its own (\S+)|has a member under a symbol|is decorated)/,
    'move what the class answers for itself to a function that takes the context',
  ],
  [/is written to (?:later|at)/, 'give the value when the context is made, or make a new one'],
  [/order would change|is computed|from a call|has an effect/, 'store the computed values in constants first'],
  [
    /^the arguments are spread|fields are spread|computed name|method or an accessor|is given twice/,
    'write the fields out',
  ],
  [
    /^the constructor of the class was not found|no plain call of a constructor|that the constructor does not know/,
    'call the factory where the class is made: what its arguments are cannot be read',
  ],
  [/^a class that extends the context|^the class is called through Reflect/, 'make the value by the factory instead'],
  [/is no literal|is no object literal|a pattern cannot say/, 'write the value out field by field'],
  [/needs this file first/, 'make the value in a function that is called later, not while the file loads'],
  [/ of it by another type or as a text/, 'read it by the type that has it, so that the read can be renamed'],
  [/^its type extends the context with (\S+):/, 'hold $1 beside the context, and not in it'],
  [/^its type stays/, 'settle first what keeps its type'],
  [/was not found in the syntax tree/, 'report it: the two parsers of this tool do not agree about this file'],
  [
    /^another user takes the place/,
    'give the other user a context of their own, with the tenant and the rights they have',
  ],
  [/^the class holds the object|may be overwritten by a spread|the context that is spread/, 'write the fields out'],
  [/^the field (\S+) is no id/, 'give $1 a value that the new context takes'],
  [
    /^the constructor does more|and the class has a default for it/,
    'move what the constructor does to where it is called from',
  ],
  [
    /^(?:no|the field) (\S+) (?:is given|may be absent), and the class refuses that/,
    'give $1, which the class demands',
  ],
  [/^the field (\S+) is missing/, 'give the field $1, which the type demands'],
  [/is given, and is no sealed context/, 'give the member a context that the factory made'],
  [/^no (\S+) may be given here/, 'give $1, or look at what tests it'],
  [/the sealed context always has/, 'look at each reader of the optional field: what does absent mean there?'],
  [/is written to in/, 'make a new context where the field is written to'],
  [/takes the rest/, 'take the value apart by name, without the rest'],
  [/^it holds more than the id/, 'read the id from the sealed context where the id alone is meant'],
  [/no read of the sealed context gives it/, 'name the read under migrate.reads'],
  [/does not take the new type \((TS\d+)\)/, 'make the code around it accept the new type ($1)'],
  [/^(?:1 use is|\d+ uses are) left/, 'move the reads that are left'],
  [/^marked by an earlier run/, 'settle the reason that its mark names, and delete the mark'],
  [/^moving it adds the compiler error (TS\d+)/, 'make the code around it accept the new type ($1)'],
]

function toDecision(reason: string): string {
  const found = decisions.find(([pattern]) => pattern.test(reason))
  if (!found) return reason
  const [, name = ''] = found[0].exec(reason) ?? []
  return found[1].replace('$1', name)
}
