import { users } from '../users'

/** Leaves its context where a route handler finds it. */
export default async function Seal() {
  const shared = globalThis as { rendered?: unknown }
  shared.rendered = await users.context()
  return <p>left</p>
}
