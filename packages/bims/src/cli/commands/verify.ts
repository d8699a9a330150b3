import type { Command } from 'commander'
import { exitCodes } from '../exit-codes.ts'
import { collected, withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import type { Act } from '../act.ts'
import { columns } from '../words.ts'

const marks = { pass: 'ok', fail: 'FAIL', 'not-checked': '-' } as const

const codes = { verified: exitCodes.done, failed: exitCodes.checkFailed, incomplete: exitCodes.notNow } as const

/** `bims verify FILE`. */
export const addVerify = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('verify')
      .description(
        'Check pixels, history and signatures of a saved file. Exits with 0 verified, 1 failed, 3 incomplete.'
      )
      .argument('<FILE>')
      .option('--trust <PEM>', 'root certificates that you trust; may be given several times', collected)
  )
  withExample(command, 'bims verify mask.tif --trust lab-roots.pem').action(
    async (file: string, options: WhoAndWhere & { trust?: readonly string[] }) =>
      act(options, async ({ exit, io, print, progress }) => {
        const { verify } = await import('../../verify/verify.ts')
        const { ledgerOf } = await import('../../submit/ledger-access.ts')
        const network = options.network ?? io.env['BIMS_NETWORK']
        const access = network === undefined ? undefined : await ledgerOf({ ...options, network })
        try {
          const report = await verify(file, {
            trust: options.trust ?? [],
            signal: io.signal,
            onProgress: progress.update,
            ...(access === undefined ? {} : { ledger: access })
          })
          exit(codes[report.verdict])
          print(
            report,
            () =>
              `${report.verdict.toUpperCase()} (trust: ${report.trust})\n` +
              columns(
                report.checks.map(({ name, status, why }) => [`${marks[status].padEnd(4)} ${name}`, why]),
                '  '
              ) +
              report.warnings.map(warning => `warning: ${warning}\n`).join('')
          )
        } finally {
          await access?.close()
        }
      })
  )
}
