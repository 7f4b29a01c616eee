import { users } from '../users'
import { Shown } from './shown'

/** A context, on its way to the browser: what arrives there names nobody. */
export default async function Prop() {
  return <Shown context={await users.context()} />
}
