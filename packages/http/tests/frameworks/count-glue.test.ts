import { describe, expect, test } from 'vitest'
import { countGlue } from '../../../../scripts/count-glue.mjs'

describe('countGlue()', () => {
  test('counts the lines that name what a program has from the package, and no others', () => {
    const program = [
      "import { scopeOf, userContext } from '@user-execution-context/http/hono'",
      "import { own } from 'user-execution-context'",
      '// userContext() in a comment',
      'const users = userContext(identity)',
      'app.use(users)',
      'app.get(users.handler((request) => scopeOf(request)))',
      'app.post((c) => own(c.userContext))',
      'app.put(({ userContext }) => own(userContext))',
      "const text = 'userContext'",
      'const options = { userContext: 1 }',
    ]
    expect(countGlue(program.join('\n'))).toBe(4)
    // With the import of own(), and the two lines that call it.
    expect(countGlue(program.join('\n'), 'user-execution-context')).toBe(7)
  })
})
