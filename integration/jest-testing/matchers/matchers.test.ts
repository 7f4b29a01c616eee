// The entry point for Jest, with the types of @jest/globals.
import { expect, jest, test } from '@jest/globals'
import { deriveChild, type UserExecutionContext } from 'user-execution-context'
import { contextOf, expectOnlyOwn, expectRefusesForgeries, forgeries, newCanary } from '@user-execution-context/testing'
import { sameRunAs, testContext } from '@user-execution-context/testing'

const alice = testContext({ userId: 'alice' })
const bob = testContext({ userId: 'bob', tenantId: 'acme' })
type Send = (context: UserExecutionContext, text: string) => void
const calledBy = (...contexts: readonly UserExecutionContext[]) => {
  const send = jest.fn<Send>()
  for (const context of contexts) send(context, 'hello')
  return send
}
const messageOf = (call: () => unknown): string => {
  try {
    call()
  } catch (error) {
    return (error as Error).message.replaceAll(/\u001B\[\d+m/g, '')
  }
  throw new Error('nothing was thrown')
}

test('matches contexts by their user and run', async () => {
  expect(alice).toBeContextOf('alice')
  expect(alice).not.toBeContextOf('bob')
  expect(bob).toBeContextOf({ userId: 'bob', tenantId: 'acme' })
  await expect(Promise.resolve(alice)).resolves.toBeContextOf('alice')
  expect(deriveChild(alice, 'search')).toBeSameRunAs(alice)
  expect(alice).not.toBeSameRunAs(bob)
})

test('matches arguments', () => {
  expect(calledBy(alice)).toHaveBeenCalledWith(contextOf('alice'), 'hello')
  expect(calledBy(alice)).toHaveBeenCalledWith(expect.contextOf('alice'), 'hello')
  expect(calledBy(alice)).toHaveBeenCalledWith(expect.not.contextOf('bob'), 'hello')
  expect(calledBy(deriveChild(alice, 'search'))).toHaveBeenCalledWith(sameRunAs(alice), 'hello')
  expect(calledBy(alice)).not.toHaveBeenCalledWith(expect.sameRunAs(bob), 'hello')
})

test('names the expected and the received user', () => {
  const expected = { userId: 'alice', tenantId: 'acme' }
  expect(messageOf(() => expect(bob).toBeContextOf('alice'))).toContain(
    'Expected: a context of "alice"\nReceived: a context of "bob" of tenant "acme"',
  )
  expect(messageOf(() => expect(calledBy(bob)).toHaveBeenCalledWith(expect.contextOf(expected), 'hello'))).toContain(
    'contextOf<"alice" of tenant "acme"> (received "bob" of tenant "acme")',
  )
})

test('fails for what is no context, with and without .not', () => {
  for (const { value } of forgeries(alice)) {
    expect(messageOf(() => expect(value).toBeContextOf('alice'))).toContain('no context')
    expect(messageOf(() => expect(value).not.toBeContextOf('bob'))).toContain('no context')
  }
})

test.each([...forgeries()])('$name has a title and is refused', ({ value }) => {
  expect(() => deriveChild(value, 'search')).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' }))
})

test('asks a service for a check', async () => {
  await expectRefusesForgeries((context) => deriveChild(context, 'search'))
  await expect(expectRefusesForgeries(() => 1)).rejects.toThrow('a spread')
})

test('finds canaries in values of the outer realm', () => {
  const [own, foreign] = [newCanary(alice), newCanary(bob)]
  expect(expectOnlyOwn({ notes: [own], bytes: Buffer.from(own) }, alice)).toBe(1)
  const outputs = [Buffer.from(foreign), new Uint8Array(Buffer.from(foreign)).buffer, new Map([['note', foreign]])]
  for (const output of [...outputs, new Error(foreign), structuredClone(outputs)]) {
    expect(messageOf(() => expectOnlyOwn(output, alice))).toContain('of "bob" of tenant "acme"')
  }
  expect(messageOf(() => expectOnlyOwn(Promise.resolve(foreign), alice))).toContain('is a promise')
})

test('prints a context the same in every run', () => {
  expect({ sentAs: alice }).toMatchInlineSnapshot(`
{
  "sentAs": UserExecutionContext {
    "agentContext": {},
    "auditMetadata": {},
    "createdAtMs": "[createdAtMs]",
    "depth": 0,
    "identity": {
      "kind": "person",
      "provider": "vouched",
      "reason": "made by @user-execution-context/testing for a test",
    },
    "operation": "root",
    "permissions": [],
    "requestId": "[requestId]",
    "runId": "test-run",
    "threadId": "test-thread",
    "userId": "alice",
  },
}
`)
})
