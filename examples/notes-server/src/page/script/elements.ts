/**
 * The elements of the page by id, and copies of its templates. All text enters as text, never as markup.
 */

/** An element that the page is known to have. */
export const byId = <Type extends HTMLElement>(id: string, type: new () => Type): Type => {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new Error(`The page has no element ${id} of the expected kind`)
  return element
}

/** A fresh copy of a template's first element. */
export const copyTemplate = (id: string): HTMLElement => {
  const first = byId(id, HTMLTemplateElement).content.firstElementChild
  if (first === null) throw new Error(`The template ${id} is empty`)
  return document.importNode(first, true) as HTMLElement
}

/** A part of a copied template. */
export const part = (root: HTMLElement, className: string): HTMLElement => {
  const found = root.querySelector(`.${className}`)
  if (!(found instanceof HTMLElement)) throw new Error(`The template has no part ${className}`)
  return found
}

let said: ReturnType<typeof setTimeout> | undefined

/** Says something to screen readers, without moving the focus. Said again when the words are the same. */
export const announce = (words: string): void => {
  const status = byId('status', HTMLElement)
  status.textContent = ''
  clearTimeout(said)
  said = setTimeout(() => (status.textContent = words), 60)
}
