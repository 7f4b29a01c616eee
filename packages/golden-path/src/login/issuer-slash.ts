/**
 * The one difference of two issuers that nobody sees: a slash at the end, which Auth0 writes and Keycloak does not.
 */

/** What to do about issuers that differ by that alone, as the `fix` of an error; nothing for others. */
export const fixOfSlash = (named: unknown, issuer: string): { readonly fix?: string } =>
  named !== issuer && typeof named === 'string' && named.replace(/\/$/, '') === issuer.replace(/\/$/, '')
    ? {
        fix: `The option issuer ${issuer.endsWith('/') ? 'ends in a slash' : 'lacks the slash at its end'}, the issuer itself writes it the other way: copy it exactly.`,
      }
    : {}
