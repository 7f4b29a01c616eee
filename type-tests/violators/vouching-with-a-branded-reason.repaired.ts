import { vouchForUser } from 'user-execution-context/restricted'

declare const reason: 'nightly clean-up' | 'weekly report'
vouchForUser('job-1', { reason })
