// A client of the HTTP routes of one server.

/** Sends a request to a path, with a bearer token and a JSON body where they are given. */
export const requestTo =
  (url: string) =>
  (
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    headers: object = {},
    signal?: AbortSignal,
  ): Promise<Response> =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
