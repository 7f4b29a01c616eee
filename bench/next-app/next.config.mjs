// Laid by bench/next-site.mjs beside the Next.js of integration/http-next.
export default { serverExternalPackages: ['@user-execution-context/http'] }
