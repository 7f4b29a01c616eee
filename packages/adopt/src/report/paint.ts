/**
 * Colour for terminals, and none where it is not wanted. Also the guard that keeps code of others from steering a terminal.
 */

/** Wraps a text in a colour; the identity when colour is off. */
export type Paint = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', (text: string) => string>>

/** Colours, or a set of functions that change nothing. */
export const toPaint = (isColored: boolean): Paint => {
  const wrap =
    (on: number, off: number) =>
    (text: string): string =>
      isColored ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
  }
}

/**
 * Replaces control and direction characters. File names and source lines are written by others: an escape sequence in
 * one would recolour, overwrite or hide lines of the report, a right-to-left mark would show code in another order.
 */
export const toPrintable = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')
