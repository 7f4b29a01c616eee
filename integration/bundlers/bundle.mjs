// Each bundler as its users call it, with output for ES2022. Each takes an entry file and gives the path of one file.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import commonjs from '@rollup/plugin-commonjs'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { transform } from '@swc/core'
import { build } from 'esbuild'
import { rollup } from 'rollup'
import webpack from 'webpack'

const home = import.meta.dirname

export async function bundleWithEsbuild(entry, { platform = 'node', target = 'es2022', banner = {} } = {}) {
  const outfile = join(home, `.data/esbuild-${platform}-${target}-${entry}`)
  await build({
    entryPoints: [join(home, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform,
    target,
    banner,
    logLevel: 'silent',
  })
  return outfile
}

export async function bundleWithRollup(entry) {
  const file = join(home, `.data/rollup-${entry}`)
  const bundle = await rollup({ input: join(home, entry), plugins: [nodeResolve(), commonjs()], onLog: () => {} })
  await bundle.write({ file, format: 'es' })
  return file
}

export async function bundleWithWebpack(entry) {
  const filename = `webpack-${entry}`
  const stats = await new Promise((resolve, reject) => {
    const options = {
      mode: 'production',
      target: ['web', 'es2022'],
      entry: join(home, entry),
      experiments: { outputModule: true },
      output: { path: join(home, '.data'), filename, module: true },
    }
    webpack(options, (error, found) => (error ? reject(error) : resolve(found)))
  })
  if (stats.hasErrors()) throw new Error(stats.toString({ colors: false }))
  return join(home, '.data', filename)
}

/** swc bundles nothing: it compiles and minifies what esbuild has put together. */
export async function compileWithSwc(entry) {
  const source = readFileSync(await bundleWithEsbuild(entry, { target: 'esnext' }), 'utf8')
  const { code } = await transform(source, {
    jsc: { target: 'es2022', minify: { compress: true, mangle: true } },
    minify: true,
  })
  const file = join(home, `.data/swc-${entry}`)
  writeFileSync(file, code)
  return file
}
