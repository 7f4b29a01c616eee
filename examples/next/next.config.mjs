export default {
  serverExternalPackages: ['user-execution-context', '@user-execution-context/http'],
}
