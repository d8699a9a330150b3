import * as E from 'fp-ts/lib/Either.js'
import { newError } from '@bims/core'
import { endorsementPolicy } from '../policies/endorsement-policy.ts'
import type { EndorsementPolicy, EndorsementRule } from '../policies/endorsement-policy.ts'

/** What is fixed with the first block of a ledger. */
export interface FixedChannel {
  readonly channel: string
  readonly rule: EndorsementRule
  readonly mspIds: readonly string[]
}

/**
 * The policy that a rule asks for.
 * @throws `usage` where it is none.
 */
export const policyFor = (rule: EndorsementRule, mspIds: readonly string[]): EndorsementPolicy => {
  const policy = endorsementPolicy(rule, mspIds)
  if (E.isLeft(policy)) throw policy.left
  return policy.right
}

/**
 * Refuses to pass over in silence that something else is asked for than what a ledger was begun with.
 * @throws `usage`
 */
export const checkFixed = (
  asked: { readonly channel?: string; readonly endorsement?: EndorsementRule },
  fixed: FixedChannel
): void => {
  const { channel = fixed.channel, endorsement } = asked
  const otherRule = endorsement !== undefined && policyFor(endorsement, fixed.mspIds).rule !== fixed.rule
  if (channel !== fixed.channel || otherRule)
    throw newError(
      'usage',
      `The ledger of this folder has the channel ${fixed.channel} and the endorsement rule ${fixed.rule}; both stay as they are.`,
      'Start it without asking for others, or choose another folder.'
    )
}
