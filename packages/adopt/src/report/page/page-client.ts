/**
 * The page's script: filter, directory cells as filters, and a list that draws only the rows in sight.
 * It is inlined by its own source text, so it may use nothing from outside its braces but browser globals.
 */
import type { PageData } from './page-data.ts'
import type { PageDocument, PageElement, PageWindow } from './page-dom.ts'

declare const document: PageDocument
declare const window: PageWindow

/** Runs in the browser. Data reaches the page through textContent only, never as markup. */
export const startPage = (): void => {
  const data = JSON.parse(find('data').textContent ?? '{}') as PageData
  const list = find('list')
  const canvas = find('canvas')
  const query = find('query')
  const selects = [find('kind'), find('status'), find('held')]
  const columns = [0, 6, 7]
  const word = (row: readonly number[], column: number): string => data.words[row[column] ?? -1] ?? ''
  const place = (row: readonly number[]): string => `${word(row, 1)}:${row[2]}:${row[3]}`
  const searchable = data.rows.map((row) =>
    [place(row), word(row, 0), word(row, 4), word(row, 5), word(row, 6), word(row, 8), word(row, 9)]
      .join('\n')
      .toLowerCase(),
  )
  let shown: readonly number[] = data.rows.map((_, index) => index)
  let chosen = -1

  function find(id: string): PageElement {
    const element = document.getElementById(id)
    if (element === null) throw new Error(`The page has no element ${id}`)
    return element
  }

  function make(name: string, className: string, text: string): PageElement {
    const element = document.createElement(name)
    element.className = className
    element.textContent = text
    return element
  }

  // A path too long for its column loses its beginning: the file and the line are what a reader looks for.
  function makePlace(text: string): PageElement {
    const cut = text.lastIndexOf('/') + 1
    const element = make('span', 'place', '')
    element.append(make('span', 'directory', text.slice(0, cut)), make('span', 'file', text.slice(cut)))
    return element
  }

  // The guide marks code by backticks.
  function makeProse(className: string, text: string): PageElement {
    const element = make('p', className, '')
    element.append(...text.split('`').map((part, index) => (index % 2 === 1 ? make('code', '', part) : part)))
    return element
  }

  const rowHeight = (): number => (window.innerWidth < 720 ? 64 : 32)

  function drawRow(index: number, position: number): PageElement {
    const row = data.rows[index] ?? []
    const element = make('div', `row status-${word(row, 6)}${index === chosen ? ' chosen' : ''}`, '')
    element.style.transform = `translateY(${position * rowHeight()}px)`
    element.setAttribute('role', 'option')
    element.setAttribute('aria-selected', String(index === chosen))
    element.setAttribute('aria-posinset', String(position + 1))
    element.setAttribute('aria-setsize', String(shown.length))
    element.setAttribute('id', `row-${index}`)
    element.dataset['index'] = String(index)
    element.append(
      make('span', `badge family-${word(row, 0).split('-')[0]}`, word(row, 0)),
      makePlace(place(row)),
      make('span', 'enclosing', word(row, 5)),
      make('code', 'text', word(row, 8)),
    )
    return element
  }

  function draw(): void {
    const height = rowHeight()
    canvas.style.height = `${shown.length * height}px`
    const first = Math.max(0, Math.floor(list.scrollTop / height) - 10)
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 10)
    canvas.replaceChildren(...shown.slice(first, last).map((index, offset) => drawRow(index, first + offset)))
  }

  function filter(): void {
    const words = query.value
      .toLowerCase()
      .split(/\s+/)
      .filter((one) => one !== '')
    const directory = query.dataset['directory'] ?? ''
    const wanted = selects.map((select) => select.value)
    shown = data.rows.flatMap((row, index) => {
      const isWanted =
        columns.every((column, at) => wanted[at] === '' || wanted[at] === word(row, column)) &&
        (directory === '' || word(row, 1).startsWith(directory === '.' ? '' : `${directory}/`)) &&
        words.every((one) => searchable[index]?.includes(one))
      return isWanted ? [index] : []
    })
    const total = data.rows.length.toLocaleString('en')
    find('shown').textContent =
      `${shown.length.toLocaleString('en')} of ${total}${directory === '' ? '' : ` in ${directory}`}`
    find('reset').hidden = shown.length === data.rows.length
    list.scrollTop = 0
    draw()
  }

  function choose(index: number): void {
    const row = data.rows[index]
    if (row === undefined) return
    chosen = index
    const guide = data.guide[word(row, 0)]
    const facts = [
      `${guide?.title ?? ''} of ${word(row, 4)}`,
      word(row, 5),
      `${word(row, 6)}, held by ${word(row, 7)}`,
      word(row, 9),
    ]
    find('detail').replaceChildren(
      make('strong', 'place', place(row)),
      make('p', '', facts.filter((one) => one !== '').join(' · ')),
      make('pre', '', word(row, 8)),
      makeProse('', guide?.meaning ?? ''),
      makeProse('fix', guide?.fix ?? ''),
    )
    list.setAttribute('aria-activedescendant', `row-${index}`)
    draw()
  }

  function step(by: number): void {
    const position = Math.min(shown.length - 1, Math.max(0, shown.indexOf(chosen) + by))
    const top = position * rowHeight()
    if (top < list.scrollTop) list.scrollTop = top
    if (top + rowHeight() > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight() - list.clientHeight
    choose(shown[position] ?? -1)
  }

  function reset(): void {
    query.value = ''
    query.dataset['directory'] = ''
    for (const select of selects) select.value = ''
    filter()
  }

  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: 10,
    PageUp: -10,
    Home: -1e9,
    End: 1e9,
  }
  list.addEventListener('keydown', (event) => {
    const by = steps[event.key]
    if (by === undefined) return
    event.preventDefault()
    step(by)
  })
  list.addEventListener('scroll', () => window.requestAnimationFrame(draw))
  list.addEventListener('click', (event) => choose(Number(event.target.closest('.row')?.dataset['index'] ?? -1)))
  window.addEventListener('resize', draw)
  query.addEventListener('input', filter)
  for (const select of selects) select.addEventListener('change', filter)
  find('reset').addEventListener('click', reset)
  for (const cell of document.querySelectorAll('button[data-directory]')) {
    cell.addEventListener('click', () => {
      reset()
      query.dataset['directory'] = cell.dataset['directory'] ?? ''
      selects[0]!.value = cell.dataset['kind'] ?? ''
      filter()
      find('sites').scrollIntoView({ block: 'start' })
    })
  }
  filter()
}
