import { createForUser } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { vouchForUser } from 'user-execution-context/restricted'

export default {
  async test() {
    const context = createForUser(vouchForUser('user-1', { reason: 'a worker' }))
    const found = await runWithContext(context, async () => (await Promise.resolve(), currentContext()))
    if (found !== context) throw new Error('The ambient context is another one')
  },
}
