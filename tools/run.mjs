// The entry of every workspace script. When an install fails, pnpm only warns and runs the script all the
// same under the machine's own Node, so this refuses plainly instead of failing somewhere in the middle.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [name, ...rest] = process.argv.slice(2)
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `This needs Node 24, which the install brings along, but runs under ${process.version}: the install before it has failed.\n` +
      'Run `npx -y pnpm@12.21.0 install` and read its error.'
  )
  process.exit(2)
}

const bin = tool => fileURLToPath(new URL(`../node_modules/.bin/${tool}`, import.meta.url))
const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1

switch (name) {
  case 'bims':
    process.argv.splice(1, 2, fileURLToPath(new URL('../packages/bims/src/bin.ts', import.meta.url)))
    await import('../packages/bims/src/bin.ts')
    break
  case 'test':
    process.exitCode = run(bin('vitest'), ['run', ...rest])
    break
  case 'test:conformance':
    process.exitCode = run(bin('vitest'), ['run', 'network/test/conformance', ...rest])
    break
  default:
    console.error(`There is no workspace command "${name}".`)
    process.exitCode = 2
}
