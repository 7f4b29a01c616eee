export declare const attackRequired: () => Promise<readonly string[]>
