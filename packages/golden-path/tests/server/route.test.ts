import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { findPathBelow, findQueryParameter } from '../../src/server/route.ts'

const ask = (url: string): IncomingMessage => ({ url }) as IncomingMessage

describe('findPathBelow', () => {
  test.each([
    ...['/runs', '/runs/r-1/events', '/a.b/~c_d', '/', '//', '/runs/', '/runs//events', '/.', '/..', '/runs/./x'],
    ...['/runs/../login', '/runs/..', '/.../x', '/..a', '/%2e%2e/x', '/a%2fb', '/runs?x=/../y', '/runs#x', '/a b'],
    ...['/a\\..\\b', '/ä', '/a;b=c', '/a:b', '/a/\t../b', '/...', '/runs/.hidden', '/runs\n', '/runs\n/x'],
  ])('reads %j as the URL standard does', (target) => {
    expect(findPathBelow('', ask(target))).toBe(new URL(`http://server${target}`).pathname)
  })

  test.each([
    ['/api/runs', '/runs'],
    ['/api', '/'],
    ['/apiary', undefined],
    ['/api/../runs', undefined],
    ['http://other/api/runs?x', '/runs'],
    ['*', undefined],
    ['api/runs', undefined],
  ])('finds %s below /api as %s', (target, path) => {
    expect(findPathBelow('/api', ask(target))).toBe(path)
  })
})

describe('findQueryParameter', () => {
  test('decodes a parameter, and finds none in a path, in another parameter and without a query', () => {
    expect(findQueryParameter(ask('/ws?x=1&ticket=a%2Bb'), 'ticket')).toBe('a+b')
    expect(findQueryParameter(ask('http://other/ws?ticket=t'), 'ticket')).toBe('t')
    for (const target of ['/ws', '/ticket=x', '/ws?tickets=1', '/ws#?ticket=1', '*?ticket=1'])
      expect(findQueryParameter(ask(target), 'ticket')).toBeUndefined()
  })
})
