import type { common } from '@hyperledger/fabric-protos'
import { newError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { signedRule, type EndorsementPolicy, type EndorsementRule } from './endorsement-policy.ts'

/** The endorsement policy that counts for what a chaincode writes. */
export type FindPolicy = (chaincode: string) => EndorsementPolicy

/** A policy of signatures. */
export interface ChaincodePolicy extends EndorsementPolicy {
  readonly form: common.SignaturePolicyEnvelope
}

/**
 * The policies of the chaincodes that have one of their own.
 * @throws `usage` where one cannot be read or satisfied.
 */
export const newChaincodePolicies = (
  own: Readonly<Record<string, EndorsementRule>>,
  mspIds: readonly string[]
): ReadonlyMap<string, ChaincodePolicy> =>
  new Map(
    Object.entries(own).map(([chaincode, rule]) => {
      const policy = signedRule(rule, mspIds)
      if (E.isLeft(policy))
        throw newError('usage', `The policy of ${chaincode} cannot be had. ${policy.left.what}`, policy.left.advice)
      return [chaincode, policy.right] as const
    })
  )
