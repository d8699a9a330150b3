import { common, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import type { EndorsementPolicy } from './endorsement-policy.ts'
import { parseAction, parseEnvelope, transactionId } from './envelope.ts'
import type { EndorsedAction, ParsedEnvelope } from './envelope.ts'
import type { MspRegistry } from './msp.ts'
import type { OwnEndorsements } from './own-endorsements.ts'
import type { FindCollection } from './private-data/collection-rules.ts'
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
}

/** What the checks need to know of the channel. */
export interface ValidationRules {
  readonly channel: string
  readonly msp: MspRegistry
  readonly endorsement: EndorsementPolicy
  /** Tells of an endorsement that this process made itself; it is not verified again. */
  readonly endorsedHere: OwnEndorsements['made']
  /** Names of the chaincodes on the channel. */
  readonly hasChaincode: (name: string) => boolean
  /** Private collections of the chaincodes. */
  readonly collection: FindCollection
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
  action.namespaces.some(
    set => set.writes.length > 0 && !rules.hasChaincode(set.collection?.namespace ?? set.namespace)
  )

// Each chaincode that was called or whose state was written: what is written into a private collection is a matter of the
// collection's own policy; the policy of the channel counts where it has none, and where public state was written too, or
// nothing at all.
const isEndorsed = (rules: ValidationRules, action: EndorsedAction, organizations: ReadonlySet<string>): boolean => {
  const written = action.namespaces.filter(set => set.writes.length > 0)
  const collections = written.flatMap(({ collection }) =>
    collection === undefined ? [] : [rules.collection(collection)]
  )
  const underPolicy =
    written.some(({ collection }) => collection === undefined) ||
    !written.some(({ collection }) => collection?.namespace === action.chaincode)
  return (
    collections.every(own => own !== undefined && (own.holds ?? rules.endorsement.holds)(organizations)) &&
    (!underPolicy || rules.endorsement.holds(organizations))
  )
}

const actionCode = async (rules: ValidationRules, action: EndorsedAction): Promise<number> => {
  if (!rules.hasChaincode(action.chaincode)) return Code.INVALID_CHAINCODE
  if (writesElsewhere(rules, action) || action.namespaces.some(set => set.foreign)) return Code.ILLEGAL_WRITESET
  if (action.event !== undefined && action.event.getChaincodeId() !== action.chaincode) return Code.INVALID_OTHER_REASON
  const organizations = await endorsingOrganizations(rules, action)
  return isEndorsed(rules, action, organizations) ? Code.VALID : Code.ENDORSEMENT_POLICY_FAILURE
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
  const code = await actionCode(rules, action.right)
  const { event, namespaces } = action.right
  return { envelope: bytes, txId, code, namespaces, event: code === Code.VALID ? event : undefined }
}
