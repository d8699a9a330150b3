import type { Command } from 'commander'
import { exitCodes } from '../exit-codes.ts'
import { withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import type { Act } from '../act.ts'
import { columns, short } from '../words.ts'

/** `bims submit [FILE…]`. */
export const addSubmit = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('submit')
      .description(
        'Deliver the records of files, or what waits in the outbox, to the ledger. Exits with 0 when all are committed, 3 with any queued.'
      )
      .argument('[FILE...]')
  )
  withExample(command, 'bims submit mask.bims.tif --network ./lab').action(
    async (files: readonly string[], options: WhoAndWhere) =>
      act(options, async ({ exit, io, print, progress }) => {
        const { submitFiles } = await import('../../submit/submit-files.ts')
        const result = await submitFiles(files, { ...options, signal: io.signal, onProgress: progress.update })
        if (result.records.some(record => record.status === 'queued')) exit(exitCodes.notNow)
        if (result.records.some(record => record.status === 'refused')) exit(exitCodes.bad)
        print(
          result,
          () =>
            (result.records.length === 0 ? 'Nothing waits to be submitted.\n' : '') +
            columns(
              result.records.map(record => [
                `${record.status.padEnd(9)} ${record.kind}`,
                `${short(record.id)}${record.block === undefined ? '' : ` in block ${record.block}`}${record.error === undefined ? '' : `: ${record.error.what}`}`
              ])
            ) +
            result.warnings.map(warning => `warning: ${warning}\n`).join('')
        )
      })
  )
}
