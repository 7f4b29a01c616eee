/** The part of a README that is written by the bench, its marks included. */
export declare const findFigures: (readme: string) => string
/** The same part as the kept results say it. */
export declare const renderFigures: () => string
