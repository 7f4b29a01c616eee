// fails: TS2322
// says: write the reason as one literal; put together by a template or held in a property it needs as const
import { vouchForUser } from 'user-execution-context/restricted'

vouchForUser('job-1', { reason: 'nightly ' + 'clean-up' })
