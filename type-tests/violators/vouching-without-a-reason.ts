// fails: TS2345
// fails 7.0: TS2741
// says: Property 'reason' is missing in type '{}' but required in type 'Vouching<
import { vouchForUser } from 'user-execution-context/restricted'

vouchForUser('job-1', {})
