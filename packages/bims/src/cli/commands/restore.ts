import type { Command } from 'commander'
import type { Act } from '../act.ts'
import { withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import { counted, short } from '../words.ts'

/** `bims restore FILE`. */
export const addRestore = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('restore')
      .description(
        'Give a file that lost its history its history back: found on the ledger by the pixels, embedded again, signed by you.'
      )
      .argument('<FILE>')
      .option('--to <FILE>', 'write a new file instead of changing this one')
  )
  withExample(command, 'bims restore figure.tif --network ./lab', 'bims verify figure.tif --network ./lab').action(
    async (file: string, options: WhoAndWhere & { to?: string }) =>
      act(options, async ({ io, print, progress }) => {
        const { restore } = await import('../../restore/restore.ts')
        const report = await restore(file, { ...options, signal: io.signal, onProgress: progress.update })
        print(
          report,
          () =>
            `${report.sidecar ?? report.file} has its history again: manifest ${short(report.manifest)}, ${counted(report.records.length, 'record')}, ${counted(report.attachments.length, 'attachment')}${report.signedBy === undefined ? '' : `; signed by ${report.signedBy}`}\n` +
            report.missing.map(what => `not restored: ${what}\n`).join('')
        )
      })
  )
}
