/**
 * Contrast of what is on the page, after WCAG 2.2 (1.4.3 and 1.4.11). For tests only.
 */
import type { Page } from 'playwright-core'

export type ContrastFault = { readonly element: string; readonly ratio: number; readonly needed: number }

/** The visible texts, and the edges of fields, that do not stand out enough from what is behind them. */
export const findContrastFaults = (page: Page): Promise<ContrastFault[]> => page.evaluate(script)

// Runs in the browser, which knows the colours that are in force; a canvas turns any colour into numbers.
const script = `(() => {
  const pixel = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  const canvas = pixel.getContext('2d', { willReadFrequently: true })
  const toRgba = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = ([red, green, blue]) => {
    const toLinear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    const [r, g, b] = [red, green, blue].map((value) => toLinear(value / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
    return (light + 0.05) / (dark + 0.05)
  }
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = toRgba(getComputedStyle(at).backgroundColor)
      if (color[3] === 255) return color
    }
    throw new Error('Nothing opaque is behind this element')
  }
  const faults = []
  const check = (element, color, ground, needed) => {
    const found = ratio(toRgba(color), ground)
    const name = element.id || element.className || element.tagName
    if (found < needed) faults.push({ element: name, ratio: Math.round(found * 100) / 100, needed })
  }
  let checked = 0
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility() || element.closest('.hidden-text')) continue
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')
    if (hasText) { check(element, getComputedStyle(element).color, groundOf(element), 4.5); checked++ }
    if (element.matches('input, textarea')) {
      check(element, getComputedStyle(element, '::placeholder').color, groundOf(element), 4.5)
      const border = getComputedStyle(element).borderTopColor
      if (element !== document.activeElement) check(element, border, groundOf(element.parentElement), 3)
      checked++
    }
  }
  if (checked < 5) throw new Error('Nothing was there to check')
  return faults
})()`
