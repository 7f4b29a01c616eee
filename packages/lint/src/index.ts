/** Door `./lint`: the plugin for ESLint and oxlint. Default export, because both hosts ask for one. */
export { plugin as default } from './plugin.ts'
