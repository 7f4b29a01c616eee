import { vouchForUser } from 'user-execution-context/restricted'

const night = 'nightly'
vouchForUser('job-1', { reason: `${night} clean-up` as const })
