// Questions about types that assertions by assignability cannot ask.

/** `any` makes every other assertion pass for nothing, so it is ruled out first. */
export type IsAny<Value> = 0 extends 1 & Value ? true : false

/** Whether two types are the same, also in `readonly`, `?` and `any`. */
export type IsSame<Left, Right> =
  (<Value>() => Value extends Left ? 1 : 2) extends <Value>() => Value extends Right ? 1 : 2 ? true : false
