/** The directory of every workspace. The root, which is the core, is none of them. */
export declare function workspaces(): readonly string[]
/** A workspace and every workspace that it needs at run time. */
export declare function workspacesNeededBy(target: string): readonly string[]
