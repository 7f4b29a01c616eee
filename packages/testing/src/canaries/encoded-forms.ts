/**
 * What a canary looks like after it was encoded, once or twice: as base64, in hexadecimal digits, in UTF-16, in
 * capitals.
 */

/** A form of a part of a canary. */
export type EncodedForm = {
  readonly text: string
  /** How it was encoded, such as `base64`, or `plain`. */
  readonly encoding: string
}

/** Characters of the parts that are looked for. A leak of 24 digits in a row holds one of them. */
const partCharacters = 16
const partStep = 8

type Encoder = readonly [encoding: string, encode: (text: string) => readonly string[]]

const encoders: readonly Encoder[] = [
  ['base64', (text) => [0, 1, 2].map((offset) => toBase64At(text, offset))],
  ['hex', (text) => [toHex(text), toHex(text).toUpperCase()]],
  // Both byte orders: they differ in the outermost byte only.
  ['UTF-16', (text) => [[...text].join('\0')]],
  ['URL-encoded', (text) => [toHex(text).replaceAll(/../g, '%$&'), toHex(text).toUpperCase().replaceAll(/../g, '%$&')]],
  ['capitals', (text) => [text.toUpperCase()]],
]

/** All forms of all parts: plain, encoded once, and encoded twice. */
export const toEncodedForms = (canary: string): readonly EncodedForm[] => {
  const forms = new Map<string, EncodedForm>()
  const digits = canary.slice('canary'.length)
  for (let start = 0; start + partCharacters <= digits.length; start += partStep) {
    const plain: EncodedForm = { text: digits.slice(start, start + partCharacters), encoding: 'plain' }
    const once = encodeAll(plain)
    for (const form of [plain, ...once, ...once.flatMap(encodeAll)]) {
      if (!forms.has(form.text)) forms.set(form.text, form)
    }
  }
  return [...forms.values()]
}

function encodeAll({ text, encoding }: EncodedForm): readonly EncodedForm[] {
  return encoders.flatMap(([name, encode]) =>
    encode(text).map((encoded) => ({
      text: encoded,
      encoding: encoding === 'plain' ? name : `${name} of ${encoding}`,
    })),
  )
}

/** The characters of base64 that depend on this text alone when it begins at this offset within three bytes. */
function toBase64At(text: string, offset: number): string {
  const encoded = btoa(`${'\0'.repeat(offset)}${text}`).replaceAll('=', '')
  const lastIsShared = ((offset + text.length) * 8) % 6 !== 0
  return encoded.slice(offset === 0 ? 0 : offset + 1, lastIsShared ? -1 : undefined)
}

function toHex(text: string): string {
  return Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}
