'use client'
import { addNote } from '../notes'

/** What must not be built: the notes, in the browser. */
export default function Leak() {
  return <button onClick={() => addNote(undefined as never, 'taken')}>leak</button>
}
