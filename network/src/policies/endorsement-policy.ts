import { common } from '@hyperledger/fabric-protos'
import { newError, type BimsError } from '@bims/core'
import { signaturePolicy, type Member } from '@bims/ledger'
import * as E from 'fp-ts/lib/Either.js'
import { decode } from '../protobuf/messages.ts'
import { parsePolicy, policyText } from './policy-language.ts'

/** How many organisations must endorse: any one, more than half, or all; Fabric's default is the majority. */
export const countingRules = ['any', 'majority', 'all'] as const

/** One of {@link countingRules}. */
export type CountingRule = (typeof countingRules)[number]

/**
 * Who must endorse: one of `any`, `majority`, `all` of the organisations, or a policy in Fabric's language, such as
 * `OutOf(2, 'Org1MSP.peer', 'Org2MSP.peer', 'Org3MSP.peer')`.
 */
export type EndorsementRule = string

/** The endorsement policy of a channel, as the embedded ledger works with it: one peer stands for each organisation. */
export interface EndorsementPolicy {
  /** The rule in its one written form. */
  readonly rule: EndorsementRule
  /** What stands in the first block: a counting rule, or a signature policy. */
  readonly form: CountingRule | common.SignaturePolicyEnvelope
  /** Whether signatures of peers of these organisations are enough. */
  readonly holds: (mspIds: ReadonlySet<string>) => boolean
  /** Organisations whose peers are enough, the one that was called among them where that helps. */
  readonly endorsers: (first: string) => readonly string[]
}

const isCountingRule = (text: string): text is CountingRule => countingRules.some(rule => rule === text)

const needed = (rule: CountingRule, organizations: number): number => {
  if (rule === 'any') return 1
  return rule === 'all' ? organizations : Math.floor(organizations / 2) + 1
}

const peerOf = (mspId: string): Member => ({
  mspId,
  subject: '',
  serialized: Buffer.from(mspId),
  role: 'peer',
  units: ['peer'],
  namedAdmin: false
})

// None can be left out of what remains; those that come last go first.
const without = (holds: EndorsementPolicy['holds'], candidates: readonly string[]): readonly string[] =>
  candidates.reduceRight<readonly string[]>((kept, mspId) => {
    const fewer = kept.filter(one => one !== mspId)
    return holds(new Set(fewer)) ? fewer : kept
  }, candidates)

const policyOf = <Form extends EndorsementPolicy['form']>(
  rule: EndorsementRule,
  form: Form,
  holds: EndorsementPolicy['holds'],
  mspIds: readonly string[]
): EndorsementPolicy & { readonly form: Form } => {
  const chosen = new Map<string, readonly string[]>()
  return {
    rule,
    form,
    holds,
    endorsers: first => {
      const known = chosen.get(first) ?? without(holds, [first, ...mspIds.filter(id => id !== first)])
      chosen.set(first, known)
      return known
    }
  }
}

/** The policy of a signature policy as it stands in the first block. */
export const signedPolicy = (envelope: common.SignaturePolicyEnvelope, mspIds: readonly string[]): SignedPolicy => {
  const policy = signaturePolicy(envelope)
  return policyOf(policyText(envelope), envelope, signers => policy([...signers].map(peerOf)), mspIds)
}

/** Whether peers of these organisations satisfy a policy as it stands beside a key; what is none nobody satisfies. */
export const keyPolicyHolds = (policy: Uint8Array, mspIds: ReadonlySet<string>): boolean => {
  const envelope = decode(common.SignaturePolicyEnvelope, policy)
  return envelope !== undefined && signaturePolicy(envelope)([...mspIds].map(peerOf))
}

/** The policy of a counting rule. */
export const countingPolicy = (rule: CountingRule, mspIds: readonly string[]): EndorsementPolicy =>
  policyOf(rule, rule, signers => signers.size >= needed(rule, mspIds.length), mspIds)

type SignedPolicy = EndorsementPolicy & { readonly form: common.SignaturePolicyEnvelope }

const refuseUnsatisfiable = (policy: SignedPolicy, mspIds: readonly string[]): E.Either<BimsError, SignedPolicy> =>
  policy.holds(new Set(mspIds))
    ? E.right(policy)
    : E.left(
        newError(
          'usage',
          `Nobody could satisfy the endorsement policy ${policy.rule}: the organisations are ${mspIds.join(', ')}, with one peer each.`,
          'Name organisations of the channel, each as often as it has peers.'
        )
      )

/** Whether a rule can be read, whatever organisations there are. Fails with `usage`. */
export const readableRule = (rule: EndorsementRule): E.Either<BimsError, EndorsementRule> =>
  isCountingRule(rule) ? E.right(rule) : E.map(() => rule)(parsePolicy(rule))

/** The policy that a rule asks for, as one of signatures, which names the organisations that there are. Fails with `usage`. */
export const signedRule = (rule: EndorsementRule, mspIds: readonly string[]): E.Either<BimsError, SignedPolicy> => {
  const text = isCountingRule(rule)
    ? `OutOf(${[needed(rule, mspIds.length), ...mspIds.map(mspId => `'${mspId}.peer'`)].join(', ')})`
    : rule
  return E.flatMap((envelope: common.SignaturePolicyEnvelope) =>
    refuseUnsatisfiable(signedPolicy(envelope, mspIds), mspIds)
  )(parsePolicy(text))
}

/**
 * The policy that a rule asks for on a channel of these organisations.
 * Fails with `usage` where the rule cannot be read, and where one peer of each organisation could not satisfy it.
 */
export const endorsementPolicy = (
  rule: EndorsementRule,
  mspIds: readonly string[]
): E.Either<BimsError, EndorsementPolicy> =>
  isCountingRule(rule) ? E.right(countingPolicy(rule, mspIds)) : signedRule(rule, mspIds)
