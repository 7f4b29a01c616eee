/**
 * Floor 8. The page: files that were read before the first request, served by their exact path. No path is opened.
 */
import { commonHeaders } from '../answer.ts'
import type { Route } from '../route.ts'

/** One file of the page. */
export type PageFile = { readonly contentType: string; readonly body: Buffer }

/** The routes of the page's files, by path, with the headers that keep the page to what it is. */
export const toPageRoutes = (files: ReadonlyMap<string, PageFile>, headers: Readonly<Record<string, string>>): readonly Route[] =>
  [...files].map(([path, { contentType, body }]) => ({
    method: 'GET',
    path,
    handle: ({ response }) => {
      response.writeHead(200, { ...commonHeaders, ...headers, 'content-type': contentType, 'content-length': body.length }).end(body)
    },
  }))
