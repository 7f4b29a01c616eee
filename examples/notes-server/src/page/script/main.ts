/**
 * The page: shows the sign-in form or the workspace, and ties buttons and keys to what they do.
 */
import { ContextPanel } from './context-panel.ts'
import { Drafts } from './drafts.ts'
import { announce, byId } from './elements.ts'
import { RequestFailed, Session } from './session.ts'
import { forgetThreadInAddress } from './thread-address.ts'
import { Workspace } from './workspace.ts'

const signIn = byId('sign-in', HTMLElement)
const signInForm = byId('sign-in-form', HTMLFormElement)
const signInButton = byId('sign-in-button', HTMLButtonElement)
const signInError = byId('sign-in-error', HTMLElement)
const userName = byId('user-name', HTMLInputElement)
const password = byId('password', HTMLInputElement)
const workspaceElement = byId('workspace', HTMLElement)
const composer = byId('composer', HTMLFormElement)
const message = byId('message', HTMLTextAreaElement)

let workspace: Workspace | undefined
let panel: ContextPanel | undefined

signInForm.onsubmit = (event) => {
  event.preventDefault()
  void submitSignIn()
}

composer.onsubmit = (event) => {
  event.preventDefault()
  const text = message.value.trim()
  if (text === '' || workspace === undefined) return
  workspace.ask(text)
}

message.onkeydown = (event) => {
  // An input method that is composing a word uses Enter itself. Safari says so by 229 only.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
  event.preventDefault()
  composer.requestSubmit()
}

for (const button of byId('suggestions', HTMLElement).querySelectorAll('button')) {
  button.onclick = () => {
    // Not over what somebody has begun to write.
    if (message.value.trim() === '') message.value = button.textContent ?? ''
    message.dispatchEvent(new Event('input'))
    message.focus()
  }
}

const sessionEnded = 'Your session has ended. Please sign in again.'
const restored = Session.restore()
if (restored instanceof Session) {
  enter(restored)
} else {
  // A tab that slept until its session had ended was not left by leave(): the next user may be another one.
  Drafts.forget()
  if (restored === 'ended') forgetThreadInAddress()
  showSignIn(restored === 'ended' ? sessionEnded : '')
}

async function submitSignIn(): Promise<void> {
  signInButton.disabled = true
  signInError.textContent = ''
  try {
    enter(await Session.signIn(userName.value, password.value))
  } catch (error) {
    signInError.textContent = error instanceof RequestFailed ? toSignInWords(error) : 'Something went wrong.'
    password.select()
    password.focus()
  } finally {
    signInButton.disabled = false
  }
}

function toSignInWords({ status, message: words }: RequestFailed): string {
  return status === 401 ? 'The user name and the password do not match.' : words
}

function enter(session: Session): void {
  panel = new ContextPanel(session)
  workspace = new Workspace(session, panel.runContext)
  session.onEnded = () => leave(session, sessionEnded)
  byId('sign-out-button', HTMLButtonElement).onclick = () => {
    const signedOut = session.signOut()
    leave(session, '')
    void signedOut.then((isDone) =>
      announce(
        isDone
          ? 'Signed out.'
          : 'Signed out in this browser. The server could not be told: the session ends by itself.',
      ),
    )
  }
  signInForm.reset()
  byId('who', HTMLElement).textContent = session.userName
  signIn.hidden = true
  workspaceElement.hidden = false
  message.focus()
}

function leave(session: Session, words: string): void {
  session.forget()
  workspace?.close()
  workspace = undefined
  panel?.close()
  panel = undefined
  message.value = ''
  // What was said last is of this user.
  announce('')
  byId('who', HTMLElement).textContent = ''
  showSignIn(words)
}

function showSignIn(words: string): void {
  workspaceElement.hidden = true
  signIn.hidden = false
  signInError.textContent = words
  userName.focus()
}
