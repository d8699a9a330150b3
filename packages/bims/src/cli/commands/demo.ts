import type { Command } from 'commander'
import { withExample, withJson } from '../options.ts'
import type { Act } from '../act.ts'

/** `bims demo [FILE]`. */
export const addDemo = (program: Command, act: Act): void => {
  const command = withJson(
    program
      .command('demo')
      .description('Tell the whole story: acquire, log, save, submit, verify, replay, and what tampering comes to.')
      .argument('[FILE]', 'an image of your own; without it a simulated microscope makes one')
      .option('--to <DIR>', 'folder for the files (default: a new folder bims-demo-… here)')
  )
  withExample(command, 'bims demo', 'bims demo my-image.tif').action(
    async (file: string | undefined, options: { json?: boolean; to?: string }) =>
      act(options, async ({ exit, io, print }) => {
        const { runDemo } = await import('../../demo/story.ts')
        const say = options.json === true ? (): void => undefined : (text: string): void => io.out(text)
        const result = await runDemo({
          signal: io.signal,
          say,
          ...(file === undefined ? {} : { file }),
          ...(options.to === undefined ? {} : { to: options.to })
        })
        exit(result.ok ? 0 : 1)
        print(result, () => '')
      })
  )
}
