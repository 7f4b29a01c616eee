/**
 * What the programs of the server find in their environment: where the tools of the system are, and nothing of ours.
 */

/** No PG* variable, no secret, no library path of this process. */
export const environment: Readonly<Record<string, string>> = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }
