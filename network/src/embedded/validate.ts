import { common, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { isEndorsed, isWritten, noKeyPolicies, type ChannelPolicies, type KeyPolicies } from './endorsement-check.ts'
import { parseAction, parseEnvelope, transactionId } from './envelope.ts'
import type { EndorsedAction, ParsedEnvelope } from './envelope.ts'
import type { MspRegistry } from './msp.ts'
import type { OwnEndorsements } from './own-endorsements.ts'
import type { NamespaceSet } from './read-write-set.ts'

const Code = peer.TxValidationCode

/** What a transaction is once everything about it was checked that does not depend on the state. */
export interface CheckedTransaction {
  /** The serialized envelope, as it stands in the block. */
  readonly envelope: Uint8Array
  /** Empty where the envelope names none that can be believed. */
  readonly txId: string
  /** `VALID` as far as can be known without the state. */
  readonly code: number
  /** What it read and wrote, also where it is invalid, as far as that can be read. */
  readonly namespaces: readonly NamespaceSet[]
  readonly event: peer.ChaincodeEvent | undefined
  /**
   * Whether the endorsements are enough with the policies of single keys as they stand before it in the chain; absent where
   * something else is wrong with it.
   */
  readonly isEndorsed?: (keys: KeyPolicies) => boolean
}

/** What the checks need to know of the channel. */
export interface ValidationRules extends ChannelPolicies {
  readonly channel: string
  readonly msp: MspRegistry
  /** Tells of an endorsement that this process made itself; it is not verified again. */
  readonly endorsedHere: OwnEndorsements['made']
  /** Names of the chaincodes on the channel. */
  readonly hasChaincode: (name: string) => boolean
}

const creatorSigned = async (rules: ValidationRules, parsed: ParsedEnvelope): Promise<boolean> => {
  const creator = rules.msp.identify(parsed.signature.getCreator_asU8())
  return E.isRight(creator) && (await rules.msp.verify(creator.right, parsed.payload, parsed.envelopeSignature))
}

/** The organisations whose peers signed a response: each counts once, however many of its peers did. */
const endorsingOrganizations = async (rules: ValidationRules, action: EndorsedAction): Promise<ReadonlySet<string>> => {
  const endorsedHere = rules.endorsedHere(action.responsePayload)
  const signed = await Promise.all(
    action.endorsements.slice(0, 64).map(async endorsement => {
      const endorser = rules.msp.identify(endorsement.getEndorser_asU8())
      if (E.isLeft(endorser) || endorser.right.role !== 'peer') return []
      if (endorsedHere(endorsement)) return [endorser.right.mspId]
      const data = Buffer.concat([action.responsePayload, endorsement.getEndorser_asU8()])
      const holds = await rules.msp.verify(endorser.right, data, endorsement.getSignature_asU8())
      return holds ? [endorser.right.mspId] : []
    })
  )
  return new Set(signed.flat())
}

// A chaincode writes into its own namespace, and so do those that it calls; no other namespace can be written.
const writesElsewhere = (rules: ValidationRules, action: EndorsedAction): boolean =>
  action.namespaces.some(set => isWritten(set) && !rules.hasChaincode(set.collection?.namespace ?? set.namespace))

interface Judged {
  readonly code: number
  readonly isEndorsed?: CheckedTransaction['isEndorsed']
}

const judged = async (rules: ValidationRules, action: EndorsedAction): Promise<Judged> => {
  if (!rules.hasChaincode(action.chaincode)) return { code: Code.INVALID_CHAINCODE }
  if (writesElsewhere(rules, action)) return { code: Code.ILLEGAL_WRITESET }
  if (action.event !== undefined && action.event.getChaincodeId() !== action.chaincode)
    return { code: Code.INVALID_OTHER_REASON }
  const organizations = await endorsingOrganizations(rules, action)
  const plain = isEndorsed(rules, action, organizations, noKeyPolicies)
  return {
    code: Code.VALID,
    isEndorsed: keys =>
      action.namespaces.some(set => keys.has(set.namespace)) ? isEndorsed(rules, action, organizations, keys) : plain
  }
}

const headerCode = (rules: ValidationRules, parsed: ParsedEnvelope): number => {
  if (parsed.channel.getEpoch() !== 0) return Code.BAD_COMMON_HEADER
  if (parsed.channel.getChannelId() !== rules.channel) return Code.TARGET_CHAIN_NOT_FOUND
  if (parsed.channel.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return Code.UNKNOWN_TX_TYPE
  return parsed.channel.getTxId() === transactionId(parsed.signature) ? Code.VALID : Code.BAD_PROPOSAL_TXID
}

/** Checks of an envelope all that does not depend on the state; never rejects. */
export const checkTransaction = async (
  rules: ValidationRules,
  envelope: common.Envelope
): Promise<CheckedTransaction> => {
  const bytes = envelope.serializeBinary()
  const invalid = (code: number, txId = ''): CheckedTransaction => ({
    envelope: bytes,
    txId,
    code,
    namespaces: [],
    event: undefined
  })
  const parsed = parseEnvelope(envelope)
  if (E.isLeft(parsed)) return invalid(parsed.left)
  const { signature } = parsed.right
  if (signature.getNonce_asU8().length === 0 || signature.getCreator_asU8().length === 0)
    return invalid(Code.BAD_COMMON_HEADER)
  if (!(await creatorSigned(rules, parsed.right))) return invalid(Code.BAD_CREATOR_SIGNATURE)
  const header = headerCode(rules, parsed.right)
  if (header !== Code.VALID) return invalid(header)
  const txId = parsed.right.channel.getTxId()
  const action = parseAction(parsed.right)
  if (E.isLeft(action)) return invalid(action.left, txId)
  const outcome = await judged(rules, action.right)
  const { event, namespaces } = action.right
  return { ...outcome, envelope: bytes, txId, namespaces, event: outcome.code === Code.VALID ? event : undefined }
}
