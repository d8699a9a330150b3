import type { Command } from 'commander'
import { withExample, withJson } from '../options.ts'
import type { Act } from '../act.ts'

/** `bims extract FILE`. */
export const addExtract = (program: Command, act: Act): void => {
  const command = withJson(
    program.command('extract').description('Print the bundle that a file carries, byte for byte.').argument('<FILE>')
  )
  withExample(command, 'bims extract mask.tif > mask.bims.json').action(
    async (file: string, options: { json?: boolean }) =>
      act(options, async ({ io }) => {
        const { extract } = await import('../../verify/extract.ts')
        // The bundle is one JSON value itself: --json changes nothing.
        io.out(await extract(file))
      })
  )
}
