export type Suite = {
  readonly name: string
  readonly folder: string
  readonly command: readonly string[]
  readonly needsChromium?: boolean
}
export declare const suites: readonly Suite[]
