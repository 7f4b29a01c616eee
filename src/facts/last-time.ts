/**
 * Where time ends.
 */

/**
 * The last moment that a Date can hold, milliseconds since the epoch (ECMA-262, time values): the text of a later one
 * throws. A provider may say "never" with such a number.
 */
export const lastTimeMs = 8.64e15
