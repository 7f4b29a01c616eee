/**
 * What each kind of finding means and how to fix it: one table for `--explain`, code frames, SARIF rules and pages.
 * Every kind has a row; a kind without one does not compile.
 */
import type { FindingKind } from './finding.ts'

/** One row: written for the person who meets the kind for the first time. */
export type KindGuide = {
  /** Short name for tables. */
  readonly title: string
  /** What stands there, and what goes wrong because of it. */
  readonly meaning: string
  /** What to do about it, as one sentence that names the call. */
  readonly fix: string
  /** `violation` is held by `check`; `information` is shown and never fails. */
  readonly severity: 'violation' | 'information'
}

const makeIt =
  'Call the factory (`createForUser(user, { … })`) where the verified user is known, and pass its result on.'
const passIt =
  'Take the context as a parameter from the caller that made it with the factory, instead of building one here.'

/** The guide, in the order in which reports list the kinds. */
export const kindGuide: Readonly<Record<FindingKind, KindGuide>> = {
  'definition-equal': {
    title: 'equal copy of the definition',
    meaning:
      'A second definition of the same name. The checker proves both assignable to each other: it is a copy that ' +
      'will drift.',
    fix: 'Replace the copy by a type re-export of the single source; `migrate` does it.',
    severity: 'violation',
  },
  'definition-overlap': {
    title: 'overlapping definition',
    meaning:
      'A second definition of the same name with other fields. Values of one pass for the other until a field is ' +
      'missing.',
    fix:
      'Decide field by field: move what is a fact about the run into the single source, keep the rest in a type of ' +
      'its own name.',
    severity: 'violation',
  },
  'definition-collision': {
    title: 'same name, another thing',
    meaning: 'A type of the same name that shares no field. It is not a copy and must not be merged.',
    fix: 'Rename it when readers confuse the two. Nothing has to be done for the single source.',
    severity: 'information',
  },
  'definition-shape': {
    title: 'same shape, another name',
    meaning: 'A type of another name whose fields are those of the context (score 0.8 and above): a copy in disguise.',
    fix: 'Use the single source in its place, or remove the identity fields from it.',
    severity: 'violation',
  },
  'definition-suspect': {
    title: 'similar shape, another name',
    meaning:
      'A type of another name that shares many fields with the context (score 0.5 to 0.8). Often it is innocent.',
    fix: 'Look at it once. It never fails a build.',
    severity: 'information',
  },
  'factory': {
    title: 'factory',
    meaning:
      'A function that returns the context. Each one is an entry point; entry points with different signatures ' +
      'validate differently.',
    fix: 'Let it call the one factory inside, or let its callers do so and delete it.',
    severity: 'information',
  },
  'new': {
    title: 'new',
    meaning:
      'A direct constructor call, also of a class that extends the context, or by `Reflect.construct`. It goes past ' +
      'the factory and past its validation.',
    fix: makeIt,
    severity: 'violation',
  },
  'literal-annotation': {
    title: 'literal with annotation',
    meaning: 'An object literal assigned to a variable of the context type. Nobody verified the user it names.',
    fix: makeIt,
    severity: 'violation',
  },
  'literal-return': {
    title: 'literal returned',
    meaning: 'An object literal returned from a function that promises a context.',
    fix: 'Return the result of the factory; the function is then a thin wrapper that can go.',
    severity: 'violation',
  },
  'literal-inferred-return': {
    title: 'literal returned, type inferred',
    meaning:
      'A function without a declared return type gives a context-shaped literal that flows into the context type.',
    fix: 'Return the result of the factory, and declare the return type so that the compiler holds it.',
    severity: 'violation',
  },
  'literal-argument': {
    title: 'literal as argument',
    meaning:
      'An object literal passed where a context is expected, also by spread or as the other side of `??` and `||`.',
    fix: passIt,
    severity: 'violation',
  },
  'literal-property': {
    title: 'literal as property',
    meaning:
      'An object literal stored in a property or class field of the context type. A stored context outlives its user.',
    fix: passIt,
    severity: 'violation',
  },
  'literal-satisfies': {
    title: 'literal with satisfies',
    meaning: 'An object literal checked by `satisfies`: it has the shape of a context and none of its proof.',
    fix: makeIt,
    severity: 'violation',
  },
  'literal-default': {
    title: 'literal as default parameter',
    meaning:
      'A default parameter such as `context: Context = {}`: a caller that forgets the user gets an empty one, ' +
      'silently.',
    fix: 'Make the parameter required. The compiler then lists the callers that have no user.',
    severity: 'violation',
  },
  'literal-untyped': {
    title: 'untyped literal passed on',
    meaning: 'A variable without a type holds a context-shaped literal and is passed where a context is expected.',
    fix: makeIt,
    severity: 'violation',
  },
  'cast': {
    title: 'cast',
    meaning:
      'A type assertion makes a context out of another value. The compiler stops checking here, also after sealing.',
    fix: 'Remove the assertion; if the value came from outside, parse it and call the factory with the verified user.',
    severity: 'violation',
  },
  'cast-double': {
    title: 'double cast',
    meaning: 'An assertion through `unknown` or `any`: it compiles for every value, whatever is in it.',
    fix: 'Remove both assertions; in a test, call the factory with a vouched user.',
    severity: 'violation',
  },
  'cast-downcast': {
    title: 'downcast in the family',
    meaning:
      'An assertion from the base or a sibling of the context to the context: the narrower facts are assumed, ' +
      'not checked.',
    fix: 'Take the narrower type as the parameter, or check the facts and derive a child context.',
    severity: 'violation',
  },
  'any-flow': {
    title: 'any used as context',
    meaning:
      'A value of type `any` is used where a context is expected. No compiler option reports it, also after sealing.',
    fix: 'Type the origin as `unknown`, parse it, and call the factory with the verified user.',
    severity: 'violation',
  },
  'loose-method': {
    title: 'method that takes anything',
    meaning:
      'An object with a method for a context is used as a type whose method takes another value. TypeScript compares ' +
      'methods both ways, so whoever holds the object gives it a value that nobody made, without any assertion.',
    fix: "Give the type's method the context as its parameter, or make the type generic in it.",
    severity: 'violation',
  },
  'suppressed-error': {
    title: 'suppressed error',
    meaning:
      'A comment (`@ts-ignore`, `@ts-expect-error`, `@ts-nocheck`) hides that a value of another type is used as a ' +
      'context. Nothing else reports it, also after sealing.',
    fix: 'Remove the comment, and pass on the context that the factory made.',
    severity: 'violation',
  },
  'context-write': {
    title: 'write into a context',
    meaning:
      'A call or an assignment that writes fields of a context past its type. Whoever holds it later acts for ' +
      'another user.',
    fix: 'Make another context with the factory, and pass that one on.',
    severity: 'violation',
  },
  'generic-result': {
    title: 'generic call that invents it',
    meaning:
      'A generic function gives whatever type the caller names, without an argument of that type: a cast in ' +
      'another form.',
    fix:
      'Give the function a type of its own, and call the factory with the verified user where the context is ' +
      'needed.',
    severity: 'violation',
  },
  'type-guard': {
    title: 'type guard',
    meaning:
      'A function that tells the compiler that a value is a context. The compiler believes it, whatever the body ' +
      'looks at.',
    fix: 'Call the assertion of the single source, or take the context as a parameter.',
    severity: 'violation',
  },
  'declared-value': {
    title: 'declared without a value',
    meaning:
      'A declaration (`declare`, a `.d.ts` file, or `!` after the name) promises a context that no code here makes.',
    fix: 'Give it the type with `| undefined`, or pass the context as a parameter.',
    severity: 'violation',
  },
  'identity-provider': {
    title: 'place to audit',
    meaning: 'identityProvider() turns credentials into a user. Its verify function is what everything else relies on.',
    fix: 'Read it once with care: it must refuse what it cannot prove.',
    severity: 'information',
  },
  'provider-echo': {
    title: 'provider that proves nothing',
    meaning: 'verify gives back its own argument as the user: whoever calls it chooses who they are.',
    fix: 'Verify a proof (a signed token, a session from the store), and take the user from what was proved.',
    severity: 'violation',
  },
  'vouched-reason': {
    title: 'reason that is no constant',
    meaning:
      'vouchForUser() or outlivesIdentity is given a reason that is computed, or vouchForUser is passed on under ' +
      'another name: nobody can list why users are vouched for, or outlive their proof.',
    fix: 'Write the reason as a text in the code, one for each place.',
    severity: 'violation',
  },
  'look-alike': {
    title: 'value of another type',
    meaning:
      'A value whose type only looks like the context: the result of `Object.assign`, of a schema, of another class.',
    fix: makeIt,
    severity: 'violation',
  },
}

/** True when `check` holds this kind. Suspects, collisions and factories are shown and never fail a build. */
export const isViolationKind = (kind: FindingKind): boolean => kindGuide[kind].severity === 'violation'

/** Narrows a word given by a user to a kind. Own keys only: `constructor` is not a kind. */
export const isFindingKind = (word: string): word is FindingKind => Object.hasOwn(kindGuide, word)
