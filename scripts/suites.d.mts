export declare const suites: readonly { readonly name: string; readonly command: readonly string[]; readonly needsChromium?: boolean }[]
