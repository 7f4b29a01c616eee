// A test of workerd: it fails when this rejects.
import * as core from 'user-execution-context'
import * as restricted from 'user-execution-context/restricted'
import { attackBundle } from './.data/forgeries/attack-bundle.mjs'

export default {
  async test() {
    const { failures } = await attackBundle()
    if (failures.length > 0) throw new Error(failures.join('\n'))
    const context = core.createForUser(restricted.vouchForUser('user-1', { reason: 'a worker' }))
    if (JSON.stringify(context).includes('user-1')) throw new Error('Printing shows the id of the user')
  },
}
