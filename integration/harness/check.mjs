// Prints one line a check, which the harness reads: "ok" or "FAILED", the environment, and what was run in it.

/** Runs one check. It fails when `run` throws or rejects; the reason is printed below its line. */
export async function check(environment, what, run) {
  try {
    await run()
    console.log(`ok     ${environment}: ${what}`)
  } catch (error) {
    console.log(`FAILED ${environment}: ${what}\n${indent(error?.message ?? String(error))}`)
  }
}

/** Throws the failures that were found, one a line. An empty list is a pass. */
export function expectNone(failures) {
  if (failures.length > 0) throw new Error(failures.join('\n'))
}

/** Reads the lines of {@link check} back. */
export function readChecks(output) {
  return Array.from(output.matchAll(/^(ok|FAILED) +(.+?): (.+)$/gm), ([, verdict, environment, what]) => ({
    passed: verdict === 'ok',
    environment,
    what,
  }))
}

function indent(text) {
  return text.replaceAll(/^/gm, '       ')
}
