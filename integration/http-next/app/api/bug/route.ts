import { users } from '../../users'

export const GET = users.route(() => {
  throw new Error('A bug at node_modules/of-the-app')
})
