import { save } from './save'
import { users } from './users'

export default async function Page() {
  const context = await users.context()
  return (
    <form action={save}>
      <p>
        Notes of <Name />, request {context.requestId}
      </p>
      <input name="text" />
    </form>
  )
}

/** A component deeper down asks again: it is the same context. */
async function Name() {
  const context = await users.context()
  return <b id={context.requestId}>{context.userId}</b>
}
