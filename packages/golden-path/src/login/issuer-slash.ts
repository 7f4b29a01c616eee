/**
 * The one difference of two issuers that nobody sees: a slash at the end, which Auth0 writes and Keycloak does not.
 */

/** What to do about issuers that differ by that alone, as the `fix` of an error; nothing for others. */
export const fixOfSlash = (named: unknown, issuer: string): { readonly fix?: string } => {
  if (named === issuer || typeof named !== 'string' || trim(named) !== trim(issuer)) return {}
  const what = issuer.endsWith('/') ? 'ends in a slash' : 'lacks the slash at its end'
  return { fix: `The option issuer ${what}, the issuer itself writes it the other way: copy it exactly.` }
}

function trim(issuer: string): string {
  return issuer.replace(/\/$/, '')
}
