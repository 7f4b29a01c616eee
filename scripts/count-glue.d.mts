/** The lines of a program that name something of the package. Default: `@user-execution-context/http`. */
export declare function countGlue(source: string, ofPackage?: string): number
