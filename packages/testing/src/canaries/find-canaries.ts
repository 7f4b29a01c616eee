/**
 * Finds canaries in one text, however the text is written: escaped, broken over lines, in other letters.
 */
import { canaryIndex, indexKeyCharacters, type Canary, type CanaryForm } from './canary-registry.ts'

/** A canary that a text holds, and how it was encoded. */
export type Finding = { readonly canary: Canary; readonly encoding: string }

/** The canaries of a text, each once. */
export const findCanaries = (text: string): readonly Finding[] => {
  if (text.length < indexKeyCharacters) return []
  const index = canaryIndex()
  const found = new Map<Canary, string>()
  for (const reading of toReadings(text)) {
    for (let start = 0; start + indexKeyCharacters <= reading.length; start++) {
      const form = index.get(reading.slice(start, start + indexKeyCharacters))?.find(stands(reading, start))
      if (form !== undefined && !found.has(form.canary)) found.set(form.canary, form.encoding)
    }
  }
  return Array.from(found, ([canary, encoding]) => ({ canary, encoding }))
}

const stands =
  (text: string, start: number) =>
  (form: CanaryForm): boolean =>
    text.startsWith(form.text, start)

/** The ways in which a text can be read. */
function toReadings(text: string): ReadonlySet<string> {
  const readings = new Set([text])
  for (const read of [decodePercent, decodeEscapes, removeWhiteSpace, toPlainBase64, toLowerCase]) {
    for (const reading of [...readings]) readings.add(read(reading))
  }
  return readings
}

function decodePercent(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (all, digits: string) => toText(all, digits, 16))
}

/** Escapes of JSON and JavaScript, of HTML and of quoted-printable. */
function decodeEscapes(text: string): string {
  return text
    .replaceAll(/\\+u\{?([0-9a-f]{1,6})\}?|\\+x([0-9a-f]{2})/gi, (all, unicode?: string, byte?: string) =>
      toText(all, unicode ?? byte ?? '', 16),
    )
    .replaceAll(/&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/gi, (all, hex?: string, decimal?: string) =>
      hex === undefined ? toText(all, decimal ?? '', 10) : toText(all, hex, 16),
    )
    .replaceAll(/=\r?\n/g, '')
}

/** The character of a code, or the escape as it stands when there is none. */
function toText(escape: string, digits: string, radix: number): string {
  const code = Number.parseInt(digits, radix)
  return code <= 0x10ffff ? String.fromCodePoint(code) : escape
}

/** Base64 in a mail is broken into lines, and an agent may speak in letters. */
function removeWhiteSpace(text: string): string {
  return text.replaceAll(/\s+/g, '')
}

function toPlainBase64(text: string): string {
  return text.replaceAll('-', '+').replaceAll('_', '/')
}

function toLowerCase(text: string): string {
  return text.toLowerCase()
}
