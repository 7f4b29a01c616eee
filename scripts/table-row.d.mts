/** A row as it was counted, and as the page has it. */
export declare function findRow(
  page: string,
  name: string,
  version: string,
  cells: readonly unknown[],
): { readonly wanted: string; readonly written: string | undefined }
/** The cells of a row of the table "Two users at once" of docs/http.md. */
export declare function toTwoUserCells(
  row: { readonly program: string; readonly measuredAs?: string },
  source: string,
  counts: { readonly users: number; readonly requests: number; readonly crossed: number },
): readonly unknown[]
/** The median of a row that the bench has kept, of the table and the row whose names begin so. */
export declare function findMeasured(section: string, table: string, row: string): string
