import { vouchForUser } from 'user-execution-context/restricted'

vouchForUser('job-1', { reason: 'nightly clean-up' })
