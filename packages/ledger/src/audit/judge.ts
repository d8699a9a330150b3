import { validationCodeName, validationCodes as Code } from '../chain/validation-code.ts'
import type { RevocationList } from '../membership/revocation.ts'
import type { ChannelConfig } from '../policy/channel-config.ts'
import { judgeBlock, type ChainTip, type SignatureRules } from './block-judge.ts'
import { followConfig } from './config-follow.ts'
import type { BlockFinding, TransactionFinding, UnreadableBlock } from './finding.ts'
import { newKeyVersions } from './key-versions.ts'
import { exposures } from './exposure.ts'
import { newLifecycle } from './lifecycle.ts'
import { newMembers, type Members } from './members.ts'
import type { AuditProblemKind } from './problem.ts'
import { newReportBuilder, type AuditReport, type BlockMark } from './report.ts'
import { judgeTransaction, type TransactionRules } from './transaction-judge.ts'
import { checkTrust, type TrustedRoot } from './trust.ts'
import { newWorldState } from './world-state.ts'

/** What a chain is judged by. */
export interface JudgeOptions {
  /** Name of the channel that is expected; that of the first block where it is not given. */
  readonly channel?: string
  readonly trust: readonly TrustedRoot[]
  readonly revocations: readonly RevocationList[]
  /** Blocks that were seen of this chain before. */
  readonly seen: readonly BlockMark[]
  /** Number of the greatest block that was seen. */
  readonly seenBlock?: number
}

/** Where a finding comes from: what its handles and its verdicts stand for. */
export interface FindingOrigin {
  readonly worker: number
  readonly verdicts: Uint8Array
}

/** Judges the blocks of a chain one after another: all that hangs on what came before. */
export interface Judge {
  readonly members: Members
  /** Takes the next block as a worker found it. */
  readonly take: (origin: FindingOrigin, finding: BlockFinding | UnreadableBlock) => Promise<void>
  /** Takes note of stored bytes that are damaged. */
  readonly damaged: (block: number, what: string) => void
  /** Takes note of a block at the end of the files that was never finished. */
  readonly unfinished: (block: number, what: string) => void
  readonly progress: () => { readonly blocks: number; readonly transactions: number }
  readonly finish: () => AuditReport
}

interface Place {
  readonly block: number
  readonly place: number
  readonly transaction: string
}

const handlesOf = (finding: BlockFinding): Iterable<number> => {
  const handles = new Set<number>()
  for (const { signer } of finding.signatures) handles.add(signer)
  for (const { creator, endorsements } of finding.transactions) {
    handles.add(creator.signer)
    for (const { signer } of endorsements) handles.add(signer)
  }
  return handles
}

const idHash = (txId: string): string => Buffer.from(txId.slice(0, 32), 'hex').toString('latin1')

/** Begins at the first block. */
export const newJudge = (options: JudgeOptions): Judge => {
  const report = newReportBuilder()
  const members = newMembers(options.revocations)
  const lifecycle = newLifecycle()
  const state = newWorldState()
  const ids = newKeyVersions()
  const seen = new Map(options.seen.map(({ block, hash }) => [block, hash]))
  let tip: ChainTip = { next: 0, hash: undefined, lastConfig: 0, hasCommitHash: false }
  let config: ChannelConfig | undefined
  let channel = options.channel ?? ''
  let first: BlockMark | undefined

  const say = (kind: AuditProblemKind, block: number, what: string): void => report.problem({ kind, block, what })

  const adopt = (finding: TransactionFinding, block: number): void => {
    const followed = followConfig(finding.config ?? new Uint8Array(), config)
    if (followed.problem !== undefined) say('configuration', block, followed.problem)
    if (followed.config === undefined) return
    config = followed.config
    members.use(config)
    const trust = checkTrust(config, options.trust)
    for (const what of trust.problems) say('trust', block, what)
    for (const note of trust.notes) report.note(note)
    if (block > 0)
      report.note(
        `block ${block} changes the configuration: that its signers were allowed to is the orderers' word, not checked here`
      )
  }

  const compare = (finding: TransactionFinding, at: Place, recorded: number, code: number, why: string): void => {
    if (recorded === code) {
      if (code !== Code.VALID) report.invalid(code)
      else for (const what of finding.recordProblems) report.problem({ kind: 'record', ...at, what })
      return
    }
    const reason = why === '' ? 'nothing is wrong with it' : why
    const what = `it is marked ${validationCodeName(recorded)} and should be ${validationCodeName(code)}: ${reason}`
    report.problem({ kind: 'validation', ...at, what })
  }

  const stateCode = (finding: TransactionFinding, at: Place, recorded: number): readonly [number, string] => {
    const code = state.validate(finding.spaces, at.block)
    if (code === undefined) {
      report.note(`range queries of ${finding.chaincode} were not checked: its keys are not kept in order`)
      return [recorded, '']
    }
    return [code, code === Code.VALID ? '' : 'what it read had changed by then']
  }

  const judgeAll = (
    signatures: SignatureRules,
    finding: BlockFinding,
    current: ChannelConfig
  ): readonly TransactionFinding[] => {
    const block = finding.number
    const changed = new Set<string>()
    const rules: TransactionRules = {
      config: current,
      lifecycle,
      state,
      changed,
      channel,
      ...signatures,
      isKnown: txId => ids.get(idHash(txId)) !== undefined
    }
    const valid = new Set<string>()
    const judged = finding.transactions.map(transaction => {
      const { code, why } = judgeTransaction(rules, transaction)
      if (code !== Code.VALID || transaction.config !== undefined) return { code, why }
      for (const { keyPolicies = [] } of transaction.spaces) for (const { key } of keyPolicies) changed.add(key)
      if (valid.has(transaction.txId))
        return { code: Code.DUPLICATE_TXID, why: 'a transaction of this id stands earlier in the block' }
      valid.add(transaction.txId)
      return { code, why }
    })
    const configs: TransactionFinding[] = []
    const definitions: (readonly [key: string, value: Uint8Array])[] = []
    finding.transactions.forEach((transaction, place) => {
      const at: Place = { block, place, transaction: transaction.txId }
      const recorded = finding.flags[place] ?? Code.NOT_VALIDATED
      let { code, why } = judged[place] ?? { code: Code.NOT_VALIDATED, why: '' }
      if (code === Code.VALID) [code, why] = stateCode(transaction, at, recorded)
      compare(transaction, at, recorded, code, why)
      ids.set(idHash(transaction.txId), { block, place, deleted: false })
      if (code !== Code.VALID) return
      state.apply(transaction.spaces, block, place)
      definitions.push(...transaction.spaces.flatMap(({ lifecycle: written = [] }) => written))
      if (transaction.config !== undefined) configs.push(transaction)
    })
    lifecycle.apply(definitions)
    const mspIds = [...current.applicationOrganizations.values()]
    for (const what of exposures(definitions, mspIds)) report.note(`block ${block}: ${what}`)
    return configs
  }

  const begin = (finding: BlockFinding): void => {
    const [genesis] = finding.transactions
    report.unsigned('the first block')
    if (genesis?.config === undefined || finding.transactions.length !== 1) {
      say('configuration', finding.number, 'the first block holds no configuration')
      return
    }
    if (channel === '') channel = genesis.channel
    if (genesis.channel !== channel)
      say('other-chain', finding.number, `it is the chain of the channel ${genesis.channel}, not of ${channel}`)
    adopt(genesis, finding.number)
  }

  const isConfig = ({ transactions }: BlockFinding): boolean => transactions.some(one => one.config !== undefined)

  const checkSeen = ({ number, hash }: BlockFinding): void => {
    const wanted = seen.get(number)
    if (wanted !== undefined && wanted !== hash)
      say('other-chain', number, `it has the hash ${hash}; when this chain was seen before it was ${wanted}`)
  }

  const judge = async ({ worker, verdicts }: FindingOrigin, finding: BlockFinding): Promise<void> => {
    if (config === undefined) begin(finding)
    const current = config
    if (current === undefined) return
    await members.prepare(worker, handlesOf(finding))
    const signatures: SignatureRules = {
      identify: handle => members.of(worker, handle),
      holds: ({ verdict }) => verdicts[verdict] === 1
    }
    for (const problem of judgeBlock(finding, tip, current, signatures, isConfig(finding))) report.problem(problem)
    if (finding.number === 0) {
      if (finding.flags[0] !== Code.VALID) say('validation', 0, 'the first block is not marked valid')
      return
    }
    for (const transaction of judgeAll(signatures, finding, current)) adopt(transaction, finding.number)
  }

  const advance = (finding: BlockFinding): void => {
    const { number, hash, commitHash, transactions, verified } = finding
    first ??= { block: number, hash }
    tip = {
      next: number + 1,
      hash,
      lastConfig: isConfig(finding) ? number : tip.lastConfig,
      hasCommitHash: commitHash !== ''
    }
    const valid = transactions.filter((_, place) => finding.flags[place] === Code.VALID)
    report.count(
      1,
      transactions.length,
      verified,
      valid.reduce((sum, { records }) => sum + records, 0)
    )
  }

  return {
    members,
    take: async (origin, finding) => {
      if ('unreadable' in finding) {
        say('block-damaged', tip.next, 'its bytes are no block')
        tip = { ...tip, next: tip.next + 1, hash: undefined }
        return
      }
      checkSeen(finding)
      for (const field of finding.unsigned) report.unsigned(field)
      await judge(origin, finding)
      advance(finding)
    },
    damaged: (block, what) => {
      say('block-damaged', block, what)
      if (block >= tip.next) tip = { ...tip, next: block + 1, hash: undefined }
    },
    unfinished: (block, what) =>
      report.note(`the end of the files holds a part of block ${block} that was never finished: ${what}`),
    progress: report.totals,
    finish: () => {
      const newest = tip.next - 1
      if (options.seenBlock !== undefined && newest < options.seenBlock)
        say('shortened', newest + 1, `the chain ends with block ${newest}; block ${options.seenBlock} was seen on it`)
      if (first === undefined) say('block-missing', 0, 'there is no block')
      return report.finish({
        channel,
        organizations: [...(config?.applicationOrganizations.values() ?? [])],
        ...(first !== undefined && { first }),
        ...(tip.hash !== undefined && { last: { block: newest, hash: tip.hash } })
      })
    }
  }
}
