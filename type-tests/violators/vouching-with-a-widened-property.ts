// fails: TS2345
// says: write the reason as one literal; put together by a template or held in a property it needs as const
import { vouchForUser } from 'user-execution-context/restricted'

const vouching = { reason: 'nightly clean-up' }
vouchForUser('job-1', vouching)
