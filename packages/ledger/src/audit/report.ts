import { validationCodeName } from '../chain/validation-code.ts'
import type { AuditProblem, UnsignedField } from './problem.ts'

/** A block by number and hash: what an auditor remembers of a chain. */
export interface BlockMark {
  readonly block: number
  /** Hex of the hash of its header. */
  readonly hash: string
}

/** What an audit found. */
export interface AuditReport {
  /** Nothing is wrong. */
  readonly ok: boolean
  readonly channel: string
  readonly blocks: number
  readonly transactions: number
  /** Signatures that were verified. */
  readonly signatures: number
  /** BIMS records whose content was compared with their id. */
  readonly records: number
  /** Transactions that the ledger itself counts as invalid, rightly, by validation code. */
  readonly invalid: Readonly<Record<string, number>>
  /** The first and the last block, to be remembered. */
  readonly first?: BlockMark
  readonly last?: BlockMark
  /** Organisations of the channel by mspId. */
  readonly organizations: readonly string[]
  readonly problems: readonly AuditProblem[]
  /** How many problems there are; the list holds the first thousand. */
  readonly problemCount: number
  /** What no signature covers, and how the audit makes up for it. */
  readonly unsigned: readonly UnsignedField[]
  /** What was not or could not be checked, and what else an auditor should know. */
  readonly notes: readonly string[]
}

/** Collects what an audit finds; lists stay bounded, counts do not. */
export interface ReportBuilder {
  readonly problem: (problem: AuditProblem) => void
  readonly note: (note: string) => void
  readonly unsigned: (field: string) => void
  readonly invalid: (code: number) => void
  readonly count: (blocks: number, transactions: number, signatures: number, records: number) => void
  readonly totals: () => { readonly blocks: number; readonly transactions: number }
  readonly finish: (
    more: Pick<AuditReport, 'channel' | 'organizations'> & Partial<Pick<AuditReport, 'first' | 'last'>>
  ) => AuditReport
}

const mostProblems = 1000
const mostNotes = 100

const unsignedWords = new Map<string, string>([
  ['TRANSACTIONS_FILTER', 'the validation flags are computed anew from endorsements, policies and versions'],
  ['COMMIT_HASH', 'computed anew from the flags, the writes and the commit hash of the block before'],
  ['LAST_CONFIG', 'compared with what the orderers signed in SIGNATURES'],
  ['the first block', 'its organisations are compared with the roots that were given, its hash is signed in the next']
])

/** Begins with nothing found. */
export const newReportBuilder = (): ReportBuilder => {
  const problems: AuditProblem[] = []
  const notes = new Set<string>()
  const unsigned = new Set<string>()
  const invalid = new Map<number, number>()
  let [problemCount, blocks, transactions, signatures, records] = [0, 0, 0, 0, 0]
  return {
    problem: problem => {
      problemCount += 1
      if (problems.length < mostProblems) problems.push(problem)
    },
    note: note => void (notes.size < mostNotes && notes.add(note)),
    unsigned: field => void unsigned.add(field),
    invalid: code => void invalid.set(code, (invalid.get(code) ?? 0) + 1),
    count: (b, t, s, r) => {
      blocks += b
      transactions += t
      signatures += s
      records += r
    },
    totals: () => ({ blocks, transactions }),
    finish: more => ({
      ok: problemCount === 0,
      ...more,
      blocks,
      transactions,
      signatures,
      records,
      invalid: Object.fromEntries([...invalid].map(([code, count]) => [validationCodeName(code), count])),
      problems,
      problemCount,
      unsigned: [...unsigned].map(field => ({ field, how: unsignedWords.get(field) ?? 'not checked by anything' })),
      notes: [...notes]
    })
  }
}
