import type { Command } from 'commander'
import { withExample, withJson } from '../options.ts'
import type { Act } from '../act.ts'

/** `bims strip FILE`. */
export const addStrip = (program: Command, act: Act): void => {
  const command = withJson(
    program
      .command('strip')
      .description('Take the bundle out of a file again: the byte-identical original remains.')
      .argument('<FILE>')
  )
  withExample(command, 'bims strip mask.tif').action(async (file: string, options: { json?: boolean }) =>
    act(options, async ({ print }) => {
      const { strip } = await import('../../save/strip.ts')
      const result = await strip(file)
      print(
        result,
        () =>
          `${result.removed === 'sidecar' ? `The sidecar of ${file} is gone.` : `${file} is as it was before it was saved.`}\n`
      )
    })
  )
}
