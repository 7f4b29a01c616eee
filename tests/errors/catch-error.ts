// Catches what a call throws and insists that it is an error of this package.
import { isContextError, type AnyContextError } from '../../src/errors/context-error.ts'

/** The error of this package that the call throws. Any other outcome fails the test. */
export const catchError = (call: () => unknown): AnyContextError => {
  try {
    call()
  } catch (error) {
    if (isContextError(error)) return error
    throw error
  }
  throw new Error('The call did not throw.')
}

/** The error of this package with which the promise rejects. Any other outcome fails the test. */
export const catchRejection = async (promise: Promise<unknown>): Promise<AnyContextError> => {
  try {
    await promise
  } catch (error) {
    if (isContextError(error)) return error
    throw error
  }
  throw new Error('The promise did not reject.')
}

/** The faults of an error, one string each: `path: kind`. */
export const toFaults = (error: AnyContextError): readonly string[] =>
  error.issues.map(({ path, kind }) => `${path}: ${kind}`)
