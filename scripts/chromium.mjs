// Finds a Chromium for the tests of pages, or installs Debian's package. Prints its path, or says what is missing and
// fails.
//   node scripts/chromium.mjs
import { accessSync, constants } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { apt, canInstall } from './apt.mjs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Arguments for a headless run in a container: no sandbox for root, no GPU, and no traffic of the browser's own. */
export const launchArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The path of an executable Chromium; CHROMIUM_PATH names another. Throws when none is there or can be installed. */
export function installChromium() {
  const named = process.env['CHROMIUM_PATH']
  if (named !== undefined && !isExecutable(named))
    throw new Error(`CHROMIUM_PATH is ${named}, which is no program that can be run.`)
  const found = findChromium()
  if (found !== undefined) return found
  if (canInstall()) {
    console.error("No Chromium here: installing Debian's package (apt-get install chromium)")
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'chromium')
  }
  const installed = findChromium()
  if (installed !== undefined) return installed
  throw new Error(
    'The page cannot be tested: there is no Chromium, and it could not be installed. Install it (on Debian as root: ' +
      'apt-get update && apt-get install -y --no-install-recommends chromium), or name one with CHROMIUM_PATH.',
  )
}

function findChromium() {
  return [process.env['CHROMIUM_PATH'], ...places].find((path) => path !== undefined && isExecutable(path))
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(installChromium())
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}
