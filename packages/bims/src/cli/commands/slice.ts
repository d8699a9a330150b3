import type { Command } from 'commander'
import { withExample, withJson } from '../options.ts'
import type { Act } from '../act.ts'
import { columns, counted } from '../words.ts'

/** `bims slice LOG --output NAME`. */
export const addSlice = (program: Command, act: Act): void => {
  const command = withJson(
    program
      .command('slice')
      .description('Show which steps of a log made an image, and why the others did not matter.')
      .argument('<LOG>')
      .requiredOption('--output <NAME>', 'name of the image of interest in the log')
  )
  withExample(command, 'bims slice session.py --output mask').action(
    async (log: string, options: { json?: boolean; output: string }) =>
      act(options, async ({ print }) => {
        const { sliceLog } = await import('../../save/slice-log.ts')
        const result = await sliceLog(log, options.output)
        print(
          { macro: result.macro, kept: result.kept.map(step => step.index), dropped: result.dropped },
          () =>
            `${counted(result.kept.length, 'step')} made ${result.value}:\n` +
            columns(
              result.kept.map(step => [String(step.index), step.operation.name]),
              '  '
            ) +
            (result.dropped.length === 0
              ? ''
              : `${counted(result.dropped.length, 'step')} did not matter:\n` +
                columns(
                  result.dropped.map(({ operation, reason, step }) => [String(step), `${operation} (${reason})`]),
                  '  '
                ))
        )
      })
  )
}
