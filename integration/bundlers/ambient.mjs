import { createForUser } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { vouchForUser } from 'user-execution-context/restricted'

const context = createForUser(vouchForUser('user-1', { reason: 'a bundle' }))
const found = runWithContext(context, async () => (await Promise.resolve(), currentContext()))
found.then((ambient) => console.log(ambient === context))
