import type { common } from '@hyperledger/fabric-protos'
import { newError, type BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { readableRule, signedRule, type EndorsementPolicy, type EndorsementRule } from './endorsement-policy.ts'

/** The endorsement policy that counts for what a chaincode writes. */
export type FindPolicy = (chaincode: string) => EndorsementPolicy

/** A policy of signatures. */
export interface ChaincodePolicy extends EndorsementPolicy {
  readonly form: common.SignaturePolicyEnvelope
}

type OwnRules = Readonly<Record<string, EndorsementRule>>

const refuse = (chaincode: string, { advice, what }: BimsError): never => {
  throw newError('usage', `The policy of ${chaincode} cannot be had. ${what}`, advice)
}

/**
 * Refuses policies that nobody could read, before anything is made or started for them.
 * @throws `usage`
 */
export const refuseUnreadable = (own: OwnRules): void => {
  for (const [chaincode, rule] of Object.entries(own)) {
    const read = readableRule(rule)
    if (E.isLeft(read)) refuse(chaincode, read.left)
  }
}

/**
 * The policies of the chaincodes that have one of their own.
 * @throws `usage` where one cannot be read or satisfied.
 */
export const newChaincodePolicies = (own: OwnRules, mspIds: readonly string[]): ReadonlyMap<string, ChaincodePolicy> =>
  new Map(
    Object.entries(own).map(([chaincode, rule]) => {
      const policy = signedRule(rule, mspIds)
      return E.isLeft(policy) ? refuse(chaincode, policy.left) : ([chaincode, policy.right] as const)
    })
  )
