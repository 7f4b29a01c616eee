// What is bundled for the browser: the table, and the two rows that need Node there by what a browser has instead.
import { attackBundle } from './.data/forgeries/attack-bundle.mjs'

const echo = 'onmessage = ({ data }) => postMessage(data)'

globalThis.attacked = attackBundle(({ core, restricted }) => {
  const newContext = () => core.createForUser(restricted.vouchForUser('user-1', { reason: 'forgery table' }))
  const row = (name, forge) => ({
    target: 'context',
    name,
    runTime: 'refused',
    run: async () => ({ forged: await forge(newContext()) }),
  })
  return [row('worker message', sendThroughWorker), row('realm of a frame', forgeInFrame)]
})

function sendThroughWorker(context) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(URL.createObjectURL(new Blob([echo])))
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = reject
    worker.postMessage(context)
  })
}

function forgeInFrame(context) {
  const frame = document.body.appendChild(document.createElement('iframe'))
  return frame.contentWindow.Object.create(Object.getPrototypeOf(context), { userId: { value: 'user-2' } })
}
