/**
 * Colour for terminals, and none where it is not wanted. Also the guard that keeps code of others from steering a
 * terminal.
 */
import { styleText } from 'node:util'

const colors = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const

/** Wraps a text in a colour; the identity when colour is off. */
export type Paint = Readonly<Record<(typeof colors)[number], (text: string) => string>>

/** Colours, or a set of functions that change nothing. */
export const toPaint = (isColored: boolean): Paint =>
  Object.fromEntries(
    // Whether the output is a terminal is decided once, in invocation.ts: styleText would look at this process's own
    // stdout.
    colors.map((color) => [
      color,
      (text: string) => (isColored ? styleText(color, text, { validateStream: false }) : text),
    ]),
  ) as Record<(typeof colors)[number], (text: string) => string>

/**
 * Replaces control and direction characters. File names and source lines are written by others: an escape sequence in
 * one would recolour, overwrite or hide lines of the report, a right-to-left mark would show code in another order.
 */
export const toPrintable = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd')
