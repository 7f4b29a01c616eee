/**
 * Why a process is not let in, by what the server, the network or TLS says, and what there is to do. The sentences hold
 * no name, address or password.
 */

/** By the code of PostgreSQL (appendix A of its manual). */
const byState: Readonly<Record<string, string>> = {
  '28P01': 'The server refused the password. Correct it in the connection, or set it on the server with \\password.',
  '28000':
    'The server refused the login. The role must be there with LOGIN, and pg_hba.conf must let it in from here: ' +
    'where it does so only over TLS, set ssl, or sslmode in a URL.',
  '3D000': 'The server has no database of that name. Create it, or correct the name.',
  '42501':
    'The login has not the right that it needs: CONNECT on the database, and to be uec_service, or uec_worker for a ' +
    'worker, or a member of it.',
  '53300':
    'The server has no connection left for the login. Close others, lower maxConnections, or raise max_connections ' +
    'or the CONNECTION LIMIT of the role or the database.',
  '57P03': 'The server is starting, stopping or recovering. Try again in some seconds.',
}

const nobodyListens =
  'Nothing listens at that address. Start the server, or correct its host and port, or the directory of its socket.'
const unknownHost = 'The name of the host cannot be looked up. Correct it, or the DNS of this machine.'
const noAnswer =
  'The server did not answer in time. Is the address right, and does a firewall let this process through?'

/** By the code of the network. */
const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: nobodyListens,
  ENOENT: nobodyListens,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ETIMEDOUT: noAnswer,
  EHOSTUNREACH: noAnswer,
  ENETUNREACH: noAnswer,
  EACCES: 'The account of this process may not use the socket of the server.',
}

/** Of the check of a certificate: the codes of OpenSSL, and that of Node for another name. */
const ofCertificate = /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_(?:CA|PURPOSE)$/
const notTrusted =
  'The certificate of the server is not trusted. Name its authority as ssl.ca (sslrootcert in a URL), and the server ' +
  'by the name that its certificate has.'

/** What the driver says without a code. */
const byWords: readonly (readonly [RegExp, string])[] = [
  [
    /^timeout exceeded when trying to connect$/,
    'Every connection of the pool was in use. End what was cancelled (the option signal of withUserSession), keep ' +
      'transactions short, or raise maxConnections.',
  ],
  [
    /^Cannot use a pool after calling end on the pool$/,
    'The pools of this process are closed. Call nothing after close() of openPostgres(), and close it last.',
  ],
  [/connection timeout|^timeout expired$/, noAnswer],
  [/client password must be/, 'The server requests a password, and the connection has none.'],
  [
    /does not support SSL/,
    'The server speaks no TLS there. Turn it on at the server, or leave out ssl, or sslmode in a URL.',
  ],
  [/SSL connection/, 'The server did not begin TLS. Is the address that of a PostgreSQL server?'],
]

/** What there is to do about an error of the driver; undefined where nothing is known of it. */
export const findFix = (error: unknown): string | undefined => {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code !== 'string') return byWords.find(([words]) => words.test(String(message)))?.[1]
  if (ofCertificate.test(code)) return notTrusted
  return Object.hasOwn(byState, code) ? byState[code] : Object.hasOwn(byCode, code) ? byCode[code] : undefined
}
