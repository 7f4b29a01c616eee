/**
 * Finds what undoes row-level security in a database.
 */
import { surviveLostConnections } from '../connection/survive-lost-connections.ts'
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
 * Finds what undoes row-level security: tables without it or without FORCE, policies that let everything through, keys
 * that do not begin with the owner (where the table has `owner_key`), views that read as their owner, materialized
 * views that anybody may read, and functions with SECURITY DEFINER. It looks at everything in the database but the
 * catalog and what extensions brought. Of the library's own functions with SECURITY DEFINER it demands a fixed
 * `search_path` and that not everybody may call them.
 *
 * @param pool - A pool of the driver `pg`. Any login sees the catalog.
 * @param options - What is meant to be as it is.
 * @returns The faults, sorted; none is what a test should demand.
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
) => Promise<readonly PolicyFault[]> = async (pool, { allowed = [] } = {}) => {
  surviveLostConnections(pool)
  const client = (await pool.connect()) as unknown as Reader
  // The pool listens only while it holds the client. A connection that is cut meanwhile would end this process.
  client.on('error', ignore)
  try {
    const { rows } = await client.query(faults)
    client.off('error', ignore)
    client.release()
    return rows.filter(({ object }) => !allowed.includes(object))
  } catch (error) {
    client.release(true)
    throw error
  }
}

type Reader = {
  readonly query: (text: string) => Promise<{ readonly rows: readonly PolicyFault[] }>
  readonly release: (isBroken?: boolean) => void
  readonly on: (event: 'error', listener: () => void) => void
  readonly off: (event: 'error', listener: () => void) => void
}

/** The statement that waits is told of it, too. */
const ignore = (): void => {}

const faults = `
WITH relations AS (
  SELECT c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relacl, c.relowner,
    pg_catalog.format('%I.%I', n.nspname, c.relname) AS object
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
), found AS (
  SELECT 'table without row-level security' AS kind, object FROM relations
    WHERE relkind IN ('r', 'p', 'f') AND NOT relrowsecurity
  UNION ALL
  SELECT 'table without FORCE', object FROM relations
    WHERE relkind IN ('r', 'p', 'f') AND relrowsecurity AND NOT relforcerowsecurity
  UNION ALL
  SELECT 'policy that compares nothing', pg_catalog.format('%s.%I', object, p.polname)
    FROM pg_catalog.pg_policy p JOIN relations r ON r.oid = p.polrelid
    WHERE p.polpermissive AND 'true' IN (
      pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
      -- Three tables of the library hold nothing of one user; and nobody can log in as the role of its functions.
      AND NOT (object = ANY (ARRAY['uec.migrations', 'uec.opened_texts', 'uec.revocations'])
        -- Of a fourth, everybody reads where it ends: columns, while nobody was given all of them.
        OR object = 'uec.audit_records' AND NOT EXISTS (
          SELECT FROM pg_catalog.aclexplode(relacl) x WHERE x.privilege_type = 'SELECT' AND x.grantee <> relowner)
        OR object LIKE 'uec.%'
          AND p.polroles = ARRAY(
            SELECT o.oid FROM pg_catalog.pg_roles o WHERE o.rolname = 'uec_owner' AND NOT o.rolcanlogin))
  UNION ALL
  SELECT 'key that does not begin with the owner', pg_catalog.format('%s.%I', object, k.conname)
    FROM pg_catalog.pg_constraint k JOIN relations r ON r.oid = k.conrelid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attname = 'owner_key' AND NOT a.attisdropped
    WHERE k.contype IN ('p', 'u', 'f') AND k.conkey[1] <> a.attnum
  UNION ALL
  SELECT 'view without security_invoker', object FROM relations
    WHERE relkind = 'v'
      AND NOT coalesce(reloptions::text[] && ARRAY['security_invoker=true', 'security_invoker=on'], false)
  UNION ALL
  SELECT 'materialized view', object FROM relations WHERE relkind = 'm' AND relacl IS NOT NULL
  UNION ALL
  SELECT 'function with SECURITY DEFINER', pg_catalog.format('%I.%I', n.nspname, f.proname)
    FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
    WHERE f.prosecdef AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = f.oid AND d.deptype = 'e')
      AND NOT (n.nspname = 'uec'
        AND EXISTS (SELECT FROM pg_catalog.unnest(f.proconfig) s WHERE s LIKE 'search_path=%')
        AND f.proacl IS NOT NULL
        AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(f.proacl) x WHERE x.grantee = 0))
)
SELECT kind, object FROM found ORDER BY object, kind`
