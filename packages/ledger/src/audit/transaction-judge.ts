import * as E from 'fp-ts/lib/Either.js'
import { envelopeTypes } from '../chain/envelope.ts'
import { validationCodes as Code } from '../chain/validation-code.ts'
import type { Member } from '../membership/msp.ts'
import type { SignatureRules } from './block-judge.ts'
import { checkEndorsement, type EndorsementRules } from './endorsement-check.ts'
import type { TransactionFinding } from './finding.ts'

/** What judging a transaction needs to know of the chain before it. */
export interface TransactionRules extends EndorsementRules, SignatureRules {
  readonly channel: string
  /** Whether a transaction of this id stands in an earlier block. */
  readonly isKnown: (txId: string) => boolean
}

/** The validation code that a transaction should have as far as it goes without the state, and why. */
export interface Judgement {
  readonly code: number
  readonly why: string
}

const judged = (code: number, why: string): Judgement => ({ code, why })

const creatorProblem = (rules: TransactionRules, finding: TransactionFinding): string | undefined => {
  const creator = rules.identify(finding.creator.signer)
  if (E.isLeft(creator)) return `its creator is no member: ${creator.left}`
  return rules.holds(finding.creator) ? undefined : `the signature of ${creator.right.subject} does not hold`
}

const formWhy = new Map<number, string>([
  [Code.BAD_PROPOSAL_TXID, 'its id is not SHA-256 over nonce and creator'],
  [Code.INVALID_ENDORSER_TRANSACTION, 'proposal, response and transaction do not belong together'],
  [Code.BAD_RWSET, 'its read and write set cannot be read'],
  [Code.ILLEGAL_WRITESET, 'its write set names a chaincode twice']
])

/** Those whose signature holds, each once. */
const endorsersOf = ({ holds }: TransactionRules, { endorsements }: TransactionFinding): ReadonlySet<number> => {
  const endorsers = new Set<number>()
  for (const one of endorsements) if (holds(one)) endorsers.add(one.signer)
  return endorsers
}

const signersOf = (rules: TransactionRules, finding: TransactionFinding): readonly Member[] => {
  const signers: Member[] = []
  for (const handle of endorsersOf(rules, finding)) {
    const endorser = rules.identify(handle)
    if (E.isRight(endorser)) signers.push(endorser.right)
  }
  return signers
}

// What is wrong with endorsements is the first thing that somebody who reads of a failed policy wants to know.
const endorsersWhy = (rules: TransactionRules, finding: TransactionFinding, why: string): string => {
  const refused = [...endorsersOf(rules, finding)].flatMap(handle => {
    const endorser = rules.identify(handle)
    return E.isLeft(endorser) ? [endorser.left] : []
  })
  const forged = finding.endorsements.filter(one => !rules.holds(one)).length
  return [why, ...(forged === 0 ? [] : [`${forged} signatures do not hold`]), ...refused].join('; ')
}

const endorsed = (rules: TransactionRules, finding: TransactionFinding): Judgement => {
  if (rules.isKnown(finding.txId))
    return judged(Code.DUPLICATE_TXID, 'a transaction of this id stands in an earlier block')
  if (finding.last !== Code.VALID)
    return judged(finding.last, formWhy.get(finding.last) ?? 'what it did cannot be read')
  const { code, why } = checkEndorsement(rules, finding, signersOf(rules, finding))
  return judged(code, code === Code.VALID ? '' : endorsersWhy(rules, finding, why))
}

/** Says which validation code a transaction should have before the state is looked at, in the order of Fabric's own checks. */
export const judgeTransaction = (rules: TransactionRules, finding: TransactionFinding): Judgement => {
  if (finding.early !== Code.VALID) return judged(finding.early, 'its envelope cannot be read')
  const problem = creatorProblem(rules, finding)
  if (problem !== undefined) return judged(Code.BAD_CREATOR_SIGNATURE, problem)
  if (finding.late !== Code.VALID) return judged(finding.late, formWhy.get(finding.late) ?? 'its form is wrong')
  if (finding.channel !== rules.channel)
    return judged(Code.TARGET_CHAIN_NOT_FOUND, `it is for the channel ${finding.channel}`)
  return finding.type === envelopeTypes.config ? judged(Code.VALID, '') : endorsed(rules, finding)
}
