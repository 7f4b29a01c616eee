/**
 * Runs once before the page's tests: two test files that both installed a missing browser would wait for each other's
 * lock.
 */
import { installChromium } from '../../../../scripts/chromium.mjs'

export default (): void => void installChromium()
