// The check by hand, which bench/framework-apps.mjs leaves where both routes find it.
export async function GET(request) {
  const { permissions } = await globalThis.benchChecks.bare(request.headers.get('authorization'))
  return Response.json({ permissions })
}
