import type { Command } from 'commander'
import { exitCodes } from '../exit-codes.ts'
import { collected, withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import type { Act } from '../act.ts'
import { columns } from '../words.ts'

const marks = { pass: 'ok', fail: 'FAIL', 'not-checked': '-' } as const

const codes = { verified: exitCodes.done, failed: exitCodes.checkFailed, incomplete: exitCodes.notNow } as const

interface VerifyFlags {
  readonly trust?: readonly string[]
  readonly crl?: readonly string[]
  readonly channel?: string
  readonly chaincode?: string
}

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
      .option('--crl <PEM>', 'revocation lists for the endorsers of receipts; may be given several times', collected)
      .option('--channel <NAME>', 'channel that receipts must be about (default: bims)')
      .option('--chaincode <NAME>', 'chaincode that receipts must be of (default: bims)')
  )
  withExample(
    command,
    'bims verify mask.tif --trust lab-roots.pem',
    'bims verify mask.tif --trust org1-root.pem --trust org2-root.pem --crl org2.crl'
  ).action(async (file: string, options: WhoAndWhere & VerifyFlags) =>
    act(options, async ({ exit, io, print, progress }) => {
      const { verify } = await import('../../verify/verify.ts')
      const { ledgerOf } = await import('../../submit/ledger-access.ts')
      const network = options.network ?? io.env['BIMS_NETWORK']
      const access = network === undefined ? undefined : await ledgerOf({ ...options, network })
      try {
        const report = await verify(file, {
          trust: options.trust ?? [],
          revocations: options.crl ?? [],
          ...(options.channel === undefined ? {} : { channel: options.channel }),
          ...(options.chaincode === undefined ? {} : { chaincode: options.chaincode }),
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
