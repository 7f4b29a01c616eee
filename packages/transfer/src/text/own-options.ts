/**
 * The own properties of what a caller gave, each read once: a polluted Object.prototype must not add an option, and a
 * getter must not answer twice.
 */

/** A copy without a prototype. Of what is no object it is empty. */
export const ownOptions = <Options extends object>(options: Options | undefined): Options =>
  Object.assign(Object.create(null) as Options, typeof options === 'object' ? options : undefined)
