/**
 * The test runners whose versions the matchers are tested with.
 */
const testedMajors = { jest: 30, vitest: 4 } as const

/**
 * Says once, in a warning of the process, which version of a runner the matchers are tested with, where another one is
 * installed: an install never fails for it. A version that cannot be found is not judged.
 *
 * @param runner - Which one loads the matchers.
 */
export const warnOfRunnerVersion = (runner: keyof typeof testedMajors): void => {
  const version = findVersion(runner)
  if (version === undefined || Number.parseInt(version, 10) === testedMajors[runner]) return
  process.emitWarning(
    `${runner} ${version} is installed. The matchers of @user-execution-context/testing are tested with ${runner} ` +
      `${testedMajors[runner]}.`,
    'PeerVersionWarning',
  )
}

function findVersion(runner: string): string | undefined {
  try {
    const { createRequire } = process.getBuiltinModule('node:module')
    const load = createRequire(`${process.cwd()}/tests`)
    return (load(`${runner}/package.json`) as { readonly version?: string }).version
  } catch {
    return undefined
  }
}
