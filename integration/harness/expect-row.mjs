// Rows of pages of docs/ that a check has just counted.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findRow } from '../../scripts/table-row.mjs'

/** Throws where the page says anything else; with `--write` it writes the row anew. */
export function expectRow(page, name, version, cells) {
  const file = join(process.env.INTEGRATION_ROOT, page)
  const text = readFileSync(file, 'utf8')
  const { wanted, written } = findRow(text, name, version, cells)
  if (written === wanted) return
  if (written === undefined || process.env.INTEGRATION_WRITE !== 'yes')
    throw new Error(`${page} differs from what was run: ${wanted}`)
  writeFileSync(file, text.replace(written, wanted))
}
