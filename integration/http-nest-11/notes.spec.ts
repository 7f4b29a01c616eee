import { expectRefusedMessages } from './microservice'
import { expectRefusal, expectTwoUsersApart } from './two-users'
import { transports } from './transports'

jest.setTimeout(60_000)

describe.each(transports)('an app of Nest on $name', ({ create, connect, refusal }) => {
  test('keeps two users apart', () => expectTwoUsersApart(create, connect, refusal))
  test('serves nobody without the guard', () => expectRefusal(create, connect))
})

test('a microservice of Nest refuses what no guard can verify, and serves on', () => expectRefusedMessages())
