/**
 * For AG-UI: runs as AG-UI events. Needs the types of the optional peer `@ag-ui/core`, loads nothing of it.
 */
export {
  agUiMapping,
  parseAgUiRequest,
  type AgUiEvent,
  type AgUiMappingOptions,
  type AgUiRunRequest,
} from './adapters/ag-ui.ts'
export type { ForeignRunRequest } from './adapters/foreign-request.ts'
