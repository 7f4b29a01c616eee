/**
 * Finds what undoes row-level security in a database.
 */
import { surviveLostConnections } from '../connection/survive-lost-connections.ts'
import { comparesOwner } from './compares-owner.ts'
import { assertFits, callable, having, listOf, optional, parseOptions, text } from '../options/parse-options.ts'
import type { SessionPool } from '../session/session-options.ts'

/** What is wrong with an object of the database. */
export type PolicyFaultKind =
  | 'table without row-level security'
  | 'table without FORCE'
  | 'policy that compares nothing'
  | 'key that does not begin with the owner'
  | 'view without security_invoker'
  | 'materialized view'
  | 'function with SECURITY DEFINER'

/** One fault. Both may be logged. */
export type PolicyFault = {
  readonly kind: PolicyFaultKind
  /** The object, with its schema, as SQL writes it. */
  readonly object: string
}

/** Options of {@link checkPolicies}. */
export type CheckPoliciesOptions = {
  /** Objects that are as they should be, such as `'app.countries'`, as a fault names its object. Default none. */
  readonly allowed?: readonly string[] | undefined
}

/**
 * Finds what undoes row-level security: tables without it or without FORCE, policies that let everything through, views
 * that read as their owner, materialized views that anybody may read, and functions with SECURITY DEFINER. Of tables
 * with `owner_key` also keys and unique indexes that do not begin with it, and policies that let a row through for
 * another reason than that its owner is `uec.owner()`. It looks at everything in the database but the catalog and what
 * extensions brought. Of the library's own functions with SECURITY DEFINER it demands a fixed
 * `search_path` and that not everybody may call them.
 *
 * @param pool - A pool of the driver `pg`. Any login sees the catalog.
 * @param options - What is meant to be as it is.
 * @returns The faults, sorted; none is what a test should demand.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`. What the driver throws is thrown unchanged.
 * @example
 * ```ts
 * import { checkPolicies, type SessionPool } from '@user-execution-context/postgres'
 *
 * export async function assertPolicies(pool: SessionPool): Promise<void> {
 *   const faults = await checkPolicies(pool, { allowed: ['app.countries'] })
 *   if (faults.length > 0) throw new Error(faults.map(({ kind, object }) => `${object}: ${kind}`).join('\n'))
 * }
 * ```
 */
export const checkPolicies: (
  pool: SessionPool,
  options?: CheckPoliciesOptions,
) => Promise<readonly PolicyFault[]> = async (pool, options = {}) => {
  assertFits(pool, 'pool', having({ connect: callable }))
  const { allowed = [] } = parseOptions(options, { allowed: optional(listOf(text())) })
  surviveLostConnections(pool)
  const client = (await pool.connect()) as unknown as Reader
  // The pool listens only while it holds the client. A connection that is cut meanwhile would end this process.
  client.on('error', ignore)
  try {
    // Names of functions come with their schema, wherever the login looks for them.
    const [, , { rows }] = await client.query(`BEGIN; SET LOCAL search_path = pg_catalog; ${faults}; COMMIT`)
    client.off('error', ignore)
    client.release()
    return rows
      .filter(({ object, expressions }) => !allowed.includes(object) && !(expressions?.every(comparesOwner) ?? false))
      .map(({ kind, object }) => ({ kind, object }))
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** With what a policy of a table of owners says: it is a fault where that does not compare the owner. */
type Row = PolicyFault & { readonly expressions: readonly string[] | null }

type Reader = {
  readonly query: (text: string) => Promise<readonly [unknown, unknown, { readonly rows: readonly Row[] }]>
  readonly release: (isBroken?: boolean) => void
  readonly on: (event: 'error', listener: () => void) => void
  readonly off: (event: 'error', listener: () => void) => void
}

/** The statement that waits is told of it, too. */
const ignore = (): void => {}

const faults = `
WITH relations AS (
  SELECT c.oid, a.attnum AS owner_attnum, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relacl,
    c.relowner, pg_catalog.format('%I.%I', n.nspname, c.relname) AS object
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'owner_key' AND NOT a.attisdropped
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
), found AS (
  SELECT 'table without row-level security' AS kind, object, NULL::text[] AS expressions FROM relations
    WHERE relkind IN ('r', 'p', 'f') AND NOT relrowsecurity
  UNION ALL
  SELECT 'table without FORCE', object, NULL FROM relations
    WHERE relkind IN ('r', 'p', 'f') AND relrowsecurity AND NOT relforcerowsecurity
  UNION ALL
  SELECT 'policy that compares nothing', pg_catalog.format('%s.%I', object, p.polname),
      CASE WHEN owner_attnum IS NOT NULL THEN pg_catalog.array_remove(e.expressions, NULL) END
    FROM pg_catalog.pg_policy p JOIN relations r ON r.oid = p.polrelid
    CROSS JOIN LATERAL (SELECT ARRAY[
      pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)]
    ) AS e(expressions)
    WHERE p.polpermissive AND (owner_attnum IS NOT NULL OR 'true' = ANY (e.expressions))
      -- Whoever is at home in a shard is looked for outside of sessions, too.
      AND NOT (object = 'uec.owner_homes' AND p.polname = 'own')
      -- One table of the library holds nothing of users; and nobody can log in as the role of its functions.
      AND NOT (object = 'uec.migrations'
        OR object LIKE 'uec.%'
          AND p.polroles = ARRAY(
            SELECT o.oid FROM pg_catalog.pg_roles o WHERE o.rolname = 'uec_owner' AND NOT o.rolcanlogin))
  UNION ALL
  -- Of trails, everybody without a user reads where they end: columns, while nobody was given all of them.
  SELECT 'policy that compares nothing', pg_catalog.format('%s.%I', object, p.polname), NULL
    FROM pg_catalog.pg_policy p JOIN relations r ON r.oid = p.polrelid
    WHERE object = 'uec.audit_records' AND EXISTS (
      SELECT FROM pg_catalog.aclexplode(relacl) x WHERE x.privilege_type = 'SELECT' AND x.grantee <> relowner)
  UNION ALL
  SELECT 'key that does not begin with the owner', pg_catalog.format('%s.%I', object, k.conname), NULL
    FROM pg_catalog.pg_constraint k JOIN relations r ON r.oid = k.conrelid
    WHERE k.contype = 'f' AND k.conkey[1] <> owner_attnum
  UNION ALL
  -- Of constraints and without one: each refuses a row because of one that its user does not see. 0: an expression.
  SELECT 'key that does not begin with the owner', pg_catalog.format('%s.%I', object, c.relname), NULL
    FROM pg_catalog.pg_index i JOIN relations r ON r.oid = i.indrelid
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE (i.indisunique OR i.indisexclusion) AND i.indkey[0] <> owner_attnum
  UNION ALL
  SELECT 'view without security_invoker', object, NULL FROM relations
    WHERE relkind = 'v'
      AND NOT coalesce(reloptions::text[] && ARRAY['security_invoker=true', 'security_invoker=on'], false)
  UNION ALL
  SELECT 'materialized view', object, NULL FROM relations WHERE relkind = 'm' AND relacl IS NOT NULL
  UNION ALL
  SELECT 'function with SECURITY DEFINER', pg_catalog.format('%I.%I', n.nspname, f.proname), NULL
    FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
    WHERE f.prosecdef AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = f.oid AND d.deptype = 'e')
      AND NOT (n.nspname = 'uec'
        AND EXISTS (SELECT FROM pg_catalog.unnest(f.proconfig) s WHERE s LIKE 'search_path=%')
        AND f.proacl IS NOT NULL
        AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(f.proacl) x WHERE x.grantee = 0))
)
SELECT kind, object, expressions FROM found ORDER BY object, kind`
