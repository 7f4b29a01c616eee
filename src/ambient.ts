/**
 * The optional entry point of the ambient reader. Nothing else in this package imports it.
 */
export { bindContext, currentContext, runWithContext, tryCurrentContext } from './scope/ambient-context.ts'
