/**
 * Answers are of one user: no cache on the way keeps them for another.
 */

/** The same answer, with the headers that say so. */
export const keepPrivate = (response: Response): Response => {
  try {
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    response.headers.set('cache-control', isStream ? 'private, no-store, no-transform' : 'private, no-store')
    response.headers.append('vary', 'Authorization')
  } catch {
    // Headers that cannot be changed are those of an answer without a body.
  }
  return response
}
