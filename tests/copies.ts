// Copies of a sealed value that keep its prototype, as frameworks, cloners and mock libraries make them.

/** Each way of copying, by name. No copy is the real one. */
export const copiesOf = <Sealed extends object>(
  real: Sealed,
): readonly { readonly name: string; readonly copy: Sealed }[] => [
  { name: 'Object.create of it', copy: Object.create(real) as Sealed },
  {
    name: 'a clone with its prototype',
    copy: Object.create(Object.getPrototypeOf(real), Object.getOwnPropertyDescriptors(real)) as Sealed,
  },
  {
    name: 'an object that was given its prototype',
    copy: Object.setPrototypeOf({ ...real }, Object.getPrototypeOf(real)),
  },
  { name: 'a proxy', copy: new Proxy(real, {}) },
]
