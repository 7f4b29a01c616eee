// A pool that asks by another function.
import type { Pool } from 'pg'

export const asking = (pool: Pool, query: (...given: never[]) => unknown): Pool =>
  new Proxy(pool, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) })
