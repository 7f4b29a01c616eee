import example from './example.config.mjs'

const bundled = process.env.BUNDLED === 'yes'

/** @type {import('next').NextConfig} */
export default {
  // The core once for all bundles of the app. The second build leaves it out, to see what is said then.
  ...(!bundled && example),
  // The third build has a page that takes the notes into the browser, and must not pass.
  ...(process.env.LEAK === 'yes' && { pageExtensions: ['tsx', 'ts', 'leak.tsx'] }),
}
