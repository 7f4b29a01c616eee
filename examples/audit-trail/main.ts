// Records that chain: each holds the hash of the one before, so a changed record shows.
import {
  createForUser,
  isContextError,
  openAuditTrail,
  verifyAuditTrail,
  type AuditRecord,
} from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'

const records: AuditRecord[] = []
const trail = openAuditTrail({ write: (record) => void records.push(record) })
const context = createForUser(vouchForUser('ada', { reason: 'example' }))

await trail.record(context, 'order.created', { orderId: 'o-1' })
await trail.record(context, 'order.paid', { orderId: 'o-1' })
verifyAuditTrail(records)
console.log('records that fit:', records.length)

try {
  verifyAuditTrail(records.map((record) => ({ ...record, action: 'order.cancelled' })))
} catch (error) {
  console.log('changed records:', isContextError(error) && error.code)
}
