/**
 * Serves the page: files that were read before the first request, by their exact path. No path is opened.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { commonHeaders } from '@user-execution-context/golden-path/server'
import { pageHeaders, type PageAsset } from './page-assets.ts'

/** Answers a request for a file of the page, and 404 for anything else. HEAD is GET without the body. */
export const servePage =
  (assets: ReadonlyMap<string, PageAsset>): ((request: IncomingMessage, response: ServerResponse) => void) =>
  ({ method, url }, response) => {
    // A target may be a whole URL (RFC 9112 section 3.2.2), as proxies send it.
    const path = url?.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0]
    const asset = method === 'GET' || method === 'HEAD' ? assets.get(path || '/') : undefined
    if (asset === undefined) {
      response.writeHead(404, { ...commonHeaders, 'content-length': 0 }).end()
      return
    }
    const { contentType, body } = asset
    response.writeHead(200, {
      ...commonHeaders,
      ...pageHeaders,
      'content-type': contentType,
      'content-length': body.length,
    })
    response.end(method === 'HEAD' ? undefined : body)
  }
