import { vouchForUser } from 'user-execution-context/restricted'

declare const reason: Lowercase<'Nightly'>
vouchForUser('job-1', { reason })
