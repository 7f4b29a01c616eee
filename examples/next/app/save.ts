'use server'
import { addNote } from './notes'
import { users } from './users'

const saveNote = users.action(async ({ context }, form: FormData) => {
  addNote(context, String(form.get('text')))
})

export async function save(form: FormData) {
  await saveNote(form)
}
