/**
 * Tells generated code from code that people write: by its path, or by its first comment.
 */

export const isGenerated = (file: string, text: string): boolean =>
  /(^|\/)(__generated__|generated|\.generated)\/|\.(gen|generated|pb|g)\.[cm]?tsx?$/.test(file) ||
  /@generated|auto-?generated|DO NOT EDIT/i.test(
    text.slice(0, 600).match(/^(\s*(\/\/[^\n]*|\/\*[\s\S]*?\*\/))*/)?.[0] ?? '',
  )
