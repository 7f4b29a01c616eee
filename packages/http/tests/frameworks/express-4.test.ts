// Express 4 over real sockets: the program of examples/express, which is written for any Express.
import { describe, expect, test, vi } from 'vitest'
import { describeExample } from './run-example.ts'

process.env['NODE_ENV'] = 'production'
// Another version of the real library under its name, as `npm install express@4` puts it there.
vi.mock('express', () => import('express-4'))

describe('the program of Express, on Express 4', () => {
  const load = () => import('../../../../examples/express/server.ts')
  describeExample(load, {
    guide: 'express',
    row: { framework: 'Express', library: 'express-4', program: 'examples/express/server.ts', measuredAs: 'express-4' },
  })

  test('is an app of Express 4', async () => {
    // app.del() is gone in Express 5.
    expect((await load()).server.listeners('request')).toEqual([expect.objectContaining({ del: expect.any(Function) })])
  })
})
