import { vouchForUser } from 'user-execution-context/restricted'

const vouching = { reason: 'nightly clean-up' } as const
vouchForUser('job-1', vouching)
