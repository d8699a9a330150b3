import { newError } from '@bims/core/errors'
import type { AuditProblem, AuditReport, BlockMark } from '@bims/ledger'
import type { Command } from 'commander'
import { exitCodes } from '../exit-codes.ts'
import { collected, withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import type { Act } from '../act.ts'
import { columns, counted, short } from '../words.ts'

interface AuditFlags extends WhoAndWhere {
  readonly blocks?: string
  readonly trust?: readonly string[]
  readonly crl?: readonly string[]
  readonly channel?: string
  readonly chaincode?: string
  readonly seen?: readonly string[]
  readonly threads?: string
}

const seenMark = (text: string): BlockMark => {
  const [, block, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (block === undefined || hash === undefined)
    throw newError('usage', `"${text}" is no block.`, 'Write BLOCK:HASH, as `bims audit` prints the last block.')
  return { block: Number(block), hash }
}

const where = ({ block, place, transaction }: AuditProblem): string => {
  if (block === undefined) return 'chain'
  const at = place === undefined ? '' : `, transaction ${place}`
  return `block ${block}${at}${transaction === undefined || transaction === '' ? '' : ` (${short(transaction)})`}`
}

const words = (report: AuditReport): string => {
  const { blocks, last, notes, ok, problemCount, problems, records, signatures, transactions, unsigned } = report
  const invalid = Object.entries(report.invalid).map(([code, count]) => `${count} ${code}`)
  return [
    `${ok ? 'OK' : counted(problemCount, 'problem')}: channel ${report.channel}, ${counted(blocks, 'block')}, ${counted(transactions, 'transaction')}, ${counted(signatures, 'signature')}, ${counted(records, 'record')}\n`,
    columns(problems.map(problem => [where(problem), `${problem.kind}: ${problem.what}`])),
    problemCount > problems.length ? `and ${problemCount - problems.length} more problems\n` : '',
    last === undefined ? '' : `last block ${last.block}:${last.hash}\n`,
    invalid.length === 0 ? '' : `rightly counted as invalid: ${invalid.join(', ')}\n`,
    ...unsigned.map(({ field, how }) => `nobody signs ${field}: ${how}\n`),
    ...notes.map(note => `note: ${note}\n`)
  ].join('')
}

/** `bims audit`. */
export const addAudit = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('audit')
      .description(
        'Check the whole ledger: every hash, signature, policy, flag and record id. Exits with 0 when all is right, 1 with problems.'
      )
      .option('--blocks <DIR>', 'read block files from a folder instead of asking a peer')
      .option('--trust <PEM>', 'root certificates beside those of the profile; may be given several times', collected)
      .option('--crl <PEM>', 'certificate revocation lists; may be given several times', collected)
      .option('--channel <NAME>', 'the channel that is expected (default: that of the profile)')
      .option('--chaincode <NAME>', 'name of the BIMS chaincode (default: that of the profile, or bims)')
      .option('--seen <BLOCK:HASH>', 'a block that was seen before; may be given several times', collected)
      .option('--threads <N>', 'threads that verify (default: one a core)')
  )
  withExample(
    command,
    'bims audit --network ./lab',
    'bims audit --blocks ./lab/ledger/blocks --trust org1-root.pem --trust org2-root.pem --json'
  ).action(async (options: AuditFlags) =>
    act(options, async ({ exit, io, print, progress }) => {
      const { auditLedger } = await import('../../audit/audit-chain.ts')
      const { crl, seen, threads, ...rest } = options
      const report = await auditLedger({
        ...rest,
        revocations: crl ?? [],
        seen: (seen ?? []).map(seenMark),
        ...(threads === undefined ? {} : { threads: Number(threads) }),
        signal: io.signal,
        onProgress: progress.update
      })
      if (!report.ok) exit(exitCodes.checkFailed)
      print(report, () => words(report))
    })
  )
}
