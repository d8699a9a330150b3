import * as E from 'fp-ts/lib/Either.js'
import { blockPolicy, type ChannelConfig } from '../policy/channel-config.ts'
import type { BlockFinding, FoundSignature } from './finding.ts'
import type { Identified } from './members.ts'
import type { AuditProblem, AuditProblemKind } from './problem.ts'

/** The end of the chain so far. */
export interface ChainTip {
  /** Number that the next block must have. */
  readonly next: number
  /** Hash of the block before; undefined where it is not known. */
  readonly hash: string | undefined
  /** Number of the configuration block in force. */
  readonly lastConfig: number
  /** Whether the block before carried a commit hash. */
  readonly hasCommitHash: boolean
}

/** Who stands behind a signature, and whether it holds. */
export interface SignatureRules {
  readonly identify: (handle: number) => Identified
  readonly holds: (signature: FoundSignature) => boolean
}

type Say = (kind: AuditProblemKind, what: string) => AuditProblem

const saying =
  (block: number): Say =>
  (kind, what) => ({ kind, block, what })

const linkProblems = (finding: BlockFinding, tip: ChainTip, say: Say): readonly AuditProblem[] => {
  const { number, previousHash } = finding
  if (number > tip.next) {
    const missing =
      number === tip.next + 1 ? `block ${tip.next} is missing` : `blocks ${tip.next} to ${number - 1} are missing`
    return [{ kind: 'block-missing', block: tip.next, what: `${missing}: block ${number} stands in its place` }]
  }
  if (number < tip.next) return [say('block-missing', `block ${number} stands where block ${tip.next} should`)]
  return tip.hash === undefined || previousHash === tip.hash
    ? []
    : [say('chain-broken', `it names ${previousHash || 'nothing'} as the block before, which has the hash ${tip.hash}`)]
}

const contentProblems = (finding: BlockFinding, say: Say): readonly AuditProblem[] => [
  ...(finding.dataHashHolds ? [] : [say('data-hash', 'its transactions are not those that its header names')]),
  ...(finding.exact ? [] : [say('block-damaged', 'it holds bytes that Fabric would not write and that mean nothing')])
]

const signatureProblems = (
  finding: BlockFinding,
  config: ChannelConfig,
  { identify, holds }: SignatureRules,
  say: Say
): readonly AuditProblem[] => {
  if (finding.number === 0) return []
  const wrong = finding.signatures.flatMap(signature => {
    const { signer } = signature
    const who = identify(signer)
    if (signer < 0) return ['a signature is by nobody that the configuration names']
    if (E.isLeft(who)) return [`a signature is by no member: ${who.left}`]
    return holds(signature) ? [] : [`the signature of ${who.right.subject} does not hold`]
  })
  const signers = finding.signatures.flatMap(signature => {
    const who = identify(signature.signer)
    return holds(signature) && E.isRight(who) ? [who.right] : []
  })
  const enough = blockPolicy(config)(signers)
  if (enough && wrong.length === 0) return []
  const lacking = enough
    ? []
    : [`those who signed (${signers.length}) are not the orderers that the configuration asks for`]
  return [say('orderer-signature', [...lacking, ...wrong].join('; '))]
}

const metadataProblems = (
  finding: BlockFinding,
  tip: ChainTip,
  isConfig: boolean,
  say: Say
): readonly AuditProblem[] => {
  const expected = isConfig ? finding.number : tip.lastConfig
  const says = finding.lastConfig ?? 0
  const count = finding.transactions.length
  return [
    ...finding.metadataProblems.map(what => say('metadata', what)),
    ...(says === expected
      ? []
      : [say('metadata', `it says that block ${says} holds the configuration, it is block ${expected}`)]),
    ...(finding.flags.length === count
      ? []
      : [say('metadata', `it has ${count} transactions and ${finding.flags.length} validation flags`)])
  ]
}

const commitProblems = (finding: BlockFinding, tip: ChainTip, say: Say): readonly AuditProblem[] => {
  if (finding.commitHash === '')
    return tip.hasCommitHash ? [say('commit-hash', 'it carries no commit hash, the block before does')] : []
  return finding.commitHashHolds === false
    ? [say('commit-hash', 'its commit hash is not the one that its flags, its writes and the one before give')]
    : []
}

/** What is wrong with a block as such; its transactions are looked at by themselves. */
export const judgeBlock = (
  finding: BlockFinding,
  tip: ChainTip,
  config: ChannelConfig,
  rules: SignatureRules,
  isConfig: boolean
): readonly AuditProblem[] => {
  const say = saying(finding.number)
  return [
    ...linkProblems(finding, tip, say),
    ...contentProblems(finding, say),
    ...signatureProblems(finding, config, rules, say),
    ...metadataProblems(finding, tip, isConfig, say),
    ...commitProblems(finding, tip, say)
  ]
}
