/**
 * Proves at load that a sealed class is sealed: a program whose seal does not hold must not start.
 */

// Captured before any other code can replace them.
const { defineProperty, freeze, isFrozen } = Object

/** A map that is asked by the methods of load time: a prototype that is patched later must not answer for an owner. */
export class KeptMap<Key, Value> extends Map<Key, Value> {}
/** The same, held weakly. */
export class KeptWeakMap<Key extends object, Value> extends WeakMap<Key, Value> {}
for (const Kept of [KeptMap, KeptWeakMap]) {
  const { prototype } = Kept
  const { get, set, has, delete: remove } = prototype
  for (const [name, value] of Object.entries({ get, set, has, delete: remove }))
    defineProperty(prototype, name, { value })
  freeze(prototype)
}

/**
 * @param prototype - Of the sealed class.
 * @param isMinted - Its brand check.
 * @throws {Error} With a sentence for the person who starts the program.
 */
export const assertSealed = (prototype: object, isMinted: (value: unknown) => boolean): void => {
  if (!isFrozen(prototype) || !isFrozen(freeze({ probe: true })) || isMinted({})) {
    throw new Error(
      'user-execution-context: Object.freeze was replaced before this package loaded, so contexts cannot be sealed.',
    )
  }
  if (asksCollection(isMinted)) {
    throw new Error(
      'user-execution-context: a build step has compiled the private members of this package into a WeakMap or a ' +
        'WeakSet, which any code can replace. Set the target of your bundler or compiler to ES2022 or later.',
    )
  }
}

/**
 * Whether a brand check is not the syntax `#mark in value` any more but asks a collection, as compilers write it below
 * ES2022.
 */
function asksCollection(isMinted: (value: unknown) => boolean): boolean {
  let isAsked = false
  const prototypes = [WeakMap.prototype, WeakSet.prototype]
  const originals = prototypes.map(({ has }) => has)
  const watch = function (): boolean {
    isAsked = true
    return false
  }
  try {
    for (const prototype of prototypes) prototype.has = watch
    isMinted({})
  } catch {
    // Built-ins that are frozen cannot be watched, and cannot be replaced either.
  } finally {
    prototypes.forEach((prototype, index) => {
      if (prototype.has === watch) prototype.has = originals[index]!
    })
  }
  return isAsked
}
