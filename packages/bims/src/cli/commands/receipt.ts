import type { Command } from 'commander'
import { collected, withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import type { Act } from '../act.ts'
import { columns, short } from '../words.ts'

/** `bims receipt FILE`. */
export const addReceipt = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('receipt')
      .description(
        'Get the signed word of the ledger that the records of a file stand on it, and embed it in the file: proof without a network.'
      )
      .argument('<FILE>')
      .option('--id <ID>', 'only this record of the file; may be given several times', collected)
  )
  withExample(
    command,
    'bims receipt mask.tif --network ./lab',
    'bims verify mask.tif --trust org1-root.pem --trust org2-root.pem'
  ).action(async (file: string, options: WhoAndWhere & { id?: readonly string[] }) =>
    act(options, async ({ io, print, progress }) => {
      const { addReceipts } = await import('../../receipt/add-receipts.ts')
      const report = await addReceipts(file, {
        ...options,
        ...(options.id === undefined ? {} : { ids: options.id }),
        signal: io.signal,
        onProgress: progress.update
      })
      print(
        report,
        () =>
          columns(
            report.receipts.map(({ block, organizations, over, trust }) => [
              short(over),
              `in block ${block}, says ${organizations.join(' and ')} (${trust})`
            ])
          ) + report.warnings.map(warning => `warning: ${warning}\n`).join('')
      )
    })
  )
}
