// The entry of every workspace script. When an install fails, pnpm only warns and runs the script all the
// same under the machine's own Node, so this refuses plainly instead of failing somewhere in the middle.
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const [name, ...args] = process.argv.slice(2)
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `This needs Node 24, which the install brings along, but runs under ${process.version}: the install before it has failed.\n` +
      'Run `npx -y pnpm@12.21.0 install` and read its error.'
  )
  process.exit(2)
}

// The sources run as they are, in many processes and threads: what Node makes of them is kept.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url))
nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE)

const program = fileURLToPath(new URL('../packages/bims/src/bin.ts', import.meta.url))
const commands = {
  bims: async () => {
    process.argv.splice(1, 2, program)
    await import(program)
  },
  test: async () => (await import('./test/test.ts')).test(args),
  'test:conformance': async () => (await import('./test/test.ts')).test(['network/test/conformance', ...args]),
  bench: async () => (await import('./bench/bench.ts')).bench(args),
  soak: async () => (await import('./soak/soak.ts')).soak(args),
  docs: async () => (await import('./documents/docs.ts')).docs(),
  check: async () => (await import('./check/check.ts')).check(args),
  build: async () => (await import('./packaging/build-command.ts')).build()
}

const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined
if (command === undefined) {
  console.error(`There is no workspace command "${name ?? ''}"; there are: ${Object.keys(commands).join(', ')}.`)
  process.exitCode = 2
} else {
  const status = await command()
  if (typeof status === 'number') process.exitCode = status
}
