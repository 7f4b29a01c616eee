/** A part of a text, as UTF-16 offsets. */
export type Span = { readonly start: number; readonly end: number }
