import type { Command } from 'commander'
import { exitCodes } from '../exit-codes.ts'
import type { SubmitReport } from '../../submit/submit-files.ts'
import { attachmentBytesOf, withAttach, withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import type { Act } from '../act.ts'
import { columns, short } from '../words.ts'

interface SubmitFlags extends WhoAndWhere {
  readonly restricted?: boolean
  readonly attach?: string
}

const attachmentWords = ({
  digest,
  error,
  name,
  status
}: SubmitReport['attachments'][number]): readonly [string, string] => [
  `${status.padEnd(9)} attachment`,
  `${short(digest)}${name === undefined ? '' : ` ${name}`}${error === undefined ? '' : `: ${error.what}`}`
]

/** `bims submit [FILE…]`. */
export const addSubmit = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('submit')
      .description(
        'Deliver the records of files, or what waits in the outbox, to the ledger. Exits with 0 when all are committed, 3 with any queued.'
      )
      .argument('[FILE...]')
      .option('--restricted', 'refuse files that were not saved with --restricted')
  )
  withAttach(command)
  withExample(command, 'bims submit mask.bims.tif --network ./lab').action(
    async (files: readonly string[], options: SubmitFlags) =>
      act(options, async ({ exit, io, print, progress }) => {
        const { submitFiles } = await import('../../submit/submit-files.ts')
        const result = await submitFiles(files, {
          ...options,
          ...attachmentBytesOf(options),
          signal: io.signal,
          onProgress: progress.update
        })
        const all = [...result.records, ...result.attachments]
        if (all.some(({ status }) => status === 'queued')) exit(exitCodes.notNow)
        if (all.some(({ status }) => status === 'refused')) exit(exitCodes.bad)
        print(
          result,
          () =>
            (all.length === 0 ? 'Nothing waits to be submitted.\n' : '') +
            columns(
              result.records.map(record => [
                `${record.status.padEnd(9)} ${record.kind}`,
                `${short(record.id)}${record.block === undefined ? '' : ` in block ${record.block}`}${record.error === undefined ? '' : `: ${record.error.what}`}`
              ])
            ) +
            columns(result.attachments.map(attachmentWords)) +
            result.warnings.map(warning => `warning: ${warning}\n`).join('')
        )
      })
  )
}
