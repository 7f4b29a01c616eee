// Runs rows of the forgery table against the entry points of the core that this environment loaded. Imports nothing, so
// that it runs in any runtime and in any bundle.

/** How each entry point meets a value that is no context. */
const entryPoints = {
  assertUserExecutionContext: (core, value) => core.assertUserExecutionContext(value),
  deriveChild: (core, value) => core.deriveChild(value, 'child'),
  toLogFields: (core, value) => core.toLogFields(value),
  openScope: (core, value) => core.openScope(value),
  runInScope: (core, value) => core.runInScope(value, {}, () => 1),
  own: (core, value) => core.own(value, {}),
  toOwnerKey: (core, value) => core.toOwnerKey(value),
}

/**
 * What a row that yields no value must throw. The name of the error is the environment's own where a name or a path
 * cannot be imported; a frozen object throws a TypeError everywhere.
 */
const expectedThrows = {
  TypeError: ({ name }) => name === 'TypeError',
  SyntaxError: ({ name }) => name === 'SyntaxError' || name === 'TypeError',
  ERR_PACKAGE_PATH_NOT_EXPORTED: ({ code, message }) =>
    code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ||
    /not exported|not defined by "exports"|Cannot find (module|package)/.test(message),
}

/**
 * Runs the rows.
 *
 * @param rows - `{ target, name, runTime, run }` each; `run()` resolves to `{ forged }` or rejects.
 * @returns How many rows ran, and a sentence for each that was not refused.
 */
export async function attack(rows, { core, restricted }) {
  const failures = [...(await findBrokenEntryPoints(core, restricted)), ...findWrongHashes(core, restricted)]
  for (const row of rows) {
    const found = await meet(row, core)
    if (found !== undefined) failures.push(`${row.target}, ${row.name}: ${found}`)
  }
  if (rows.length === 0) failures.push('The forgery table has no row')
  return { ran: rows.length, failures }
}

async function meet({ target, runTime, run }, core) {
  let forged
  try {
    const program = await run()
    if (!('forged' in program)) return 'exports no forged value'
    forged = program.forged
  } catch (error) {
    if (error?.code === runTime || expectedThrows[runTime]?.(error)) return undefined
    return `throws ${error?.name}: ${error?.message}`
  }
  // vitest evaluates a file of dist that is imported by its path alone, beside the real one. Such a copy hands out what
  // nothing takes, so the value must be refused like any other.
  if (runTime !== 'refused' && runTime !== 'ERR_CONTEXT_NOT_CONSTRUCTIBLE') return `yields a value, expected ${runTime}`
  return target === 'user' ? meetUser(core, forged) : meetContext(core, forged)
}

async function meetContext(core, forged) {
  if (core.isUserExecutionContext(forged) !== false) return 'isUserExecutionContext accepts it'
  for (const [name, call] of Object.entries(entryPoints)) {
    const code = await codeOf(() => call(core, forged))
    if (code !== 'ERR_CONTEXT_NOT_ISSUED') return `${name} answers ${code}`
  }
  return undefined
}

async function meetUser(core, forged) {
  if (core.isVerifiedUser(forged) !== false) return 'isVerifiedUser accepts it'
  const code = await codeOf(() => core.createForUser(forged))
  return code === 'ERR_CONTEXT_USER_NOT_VERIFIED' ? undefined : `createForUser answers ${code}`
}

/** A refusal means something only beside an entry point that accepts a real context. */
async function findBrokenEntryPoints(core, restricted) {
  const failures = []
  const context = core.createForUser(restricted.vouchForUser('user-1', { reason: 'forgery table' }))
  if (core.isUserExecutionContext(context) !== true) failures.push('isUserExecutionContext refuses a real context')
  for (const [name, call] of Object.entries(entryPoints)) {
    const code = await codeOf(() => call(core, context))
    if (code !== undefined) failures.push(`${name} refuses a real context: ${code}`)
  }
  return failures
}

async function codeOf(call) {
  try {
    await call()
    return undefined
  } catch (error) {
    return error?.code ?? error?.name ?? 'a throw without a name'
  }
}

/** What Node wrote (`openAuditTrail()`): every runtime has to find the same hash for it. */
const facts = {
  sequence: 1,
  recordedAt: '2026-12-01T03:35:03.167Z',
  action: 'started',
  userId: 'auth0:5f7c',
  namespace: 'vouched',
  tenantId: 'acme',
  identityProvider: 'vouched',
  identityReason: 'known hashes',
  identityKind: 'person',
  threadId: 'thread-1',
  runId: 'run-1',
  requestId: 'c7963f0b-a342-44a5-8add-d2da42201a54',
  operation: 'root',
  depth: 0,
  auditMetadata: {},
}
const record = {
  ...facts,
  details: { text: '\u00e9 \u9d28' },
  previousHash: '0'.repeat(64),
  hash: 'c61f056b3a16a7b02e8ad5febebe45d614813ffeac6ce447f35074ce71051e4e',
}

/** Pseudonyms and audit hashes that change with the runtime would part the log lines and the trails of one user. */
function findWrongHashes(core, restricted) {
  const failures = []
  const user = restricted.vouchForUser('auth0:5f7c', { reason: 'known hashes', tenantId: 'acme' })
  const { userHash } = core.toLogFields(core.createForUser(user))
  // The first 32 digits of SHA-256 of "vouched:acme:auth0%3A5f7c".
  if (userHash !== 'c0ddb15c38255e03148a816c34d89933') failures.push(`The pseudonym of a user is ${userHash} here`)
  for (const [name, trail, isWhole] of [
    ['the trail that Node wrote', [record], true],
    ['a trail that was changed', [{ ...record, action: 'ended' }], false],
  ]) {
    let isVerified = true
    try {
      core.verifyAuditTrail(trail)
    } catch {
      isVerified = false
    }
    if (isVerified !== isWhole) failures.push(`verifyAuditTrail ${isVerified ? 'accepts' : 'refuses'} ${name}`)
  }
  return failures
}
