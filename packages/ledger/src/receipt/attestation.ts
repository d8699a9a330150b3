import { attestationText, compositeKey, newError, pageKey, type BimsError } from '@bims/core'
import { ledger, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { decodedExactly } from '../wire/exact.ts'

/** What an endorsed answer of `Attest` says. */
export interface Attestation {
  /** Transaction that brought the record onto the ledger. */
  readonly transaction: string
  /** Where that transaction stands in the chain. */
  readonly block: number
  readonly place: number
}

/** What the verifier takes a receipt for. */
export interface AttestationTerms {
  readonly id: string
  readonly channel: string
  readonly chaincode: string
}

/** The error for a receipt that does not prove what it should. */
export const receiptInvalid = (what: string): BimsError =>
  newError(
    'receipt-invalid',
    what,
    'Get a new receipt from the ledger with `bims receipt`; who brings this one should say where it is from.'
  )

const bad = (what: string): E.Either<BimsError, never> => E.left(receiptInvalid(what))

const lifecycle = '_lifecycle'

type ReadSet = ledger.rwset.kvrwset.KVRWSet

const readSetOf = (set: ledger.rwset.NsReadWriteSet): ReadSet | undefined => {
  const rwset = decodedExactly(ledger.rwset.kvrwset.KVRWSet, set.getRwset_asU8())
  const onlyReads =
    rwset?.getWritesList().length === 0 &&
    rwset.getMetadataWritesList().length === 0 &&
    rwset.getRangeQueriesInfoList().length === 0 &&
    set.getCollectionHashedRwsetList().length === 0
  return onlyReads ? rwset : undefined
}

// A peer reads the chaincode's own definition before it runs it, and that stands in the read set too.
const isDefinition = (set: ledger.rwset.NsReadWriteSet, chaincode: string): boolean => {
  const reads = readSetOf(set)?.getReadsList()
  return (
    set.getNamespace() === lifecycle &&
    reads !== undefined &&
    reads.every(read => read.getKey() === `namespaces/fields/${chaincode}/Sequence`)
  )
}

const transactionOf = (key: string): string | undefined => {
  const transaction = key.slice(-65, -1)
  return /^[0-9a-f]{64}$/.test(transaction) && key === compositeKey(pageKey(transaction)) ? transaction : undefined
}

const soleRead = (set: ledger.rwset.NsReadWriteSet): ledger.rwset.kvrwset.KVRead | undefined => {
  const reads = readSetOf(set)?.getReadsList()
  return reads?.length === 1 ? reads[0] : undefined
}

const attested = (read: ledger.rwset.kvrwset.KVRead): E.Either<BimsError, Attestation> => {
  const transaction = transactionOf(read.getKey())
  const version = read.getVersion()
  if (transaction === undefined) return bad('The key that the endorsers read is not one under which records stand.')
  return version === undefined
    ? bad('The endorsers found nothing under the key that they read.')
    : E.right({ transaction, block: version.getBlockNum(), place: version.getTxNum() })
}

const readOf = (results: Uint8Array, chaincode: string): E.Either<BimsError, Attestation> => {
  const message = decodedExactly(ledger.rwset.TxReadWriteSet, results)
  if (message?.getDataModel() !== ledger.rwset.TxReadWriteSet.DataModel.KV) return bad('The receipt holds no read set.')
  const [set, ...more] = message.getNsRwsetList().filter(one => !isDefinition(one, chaincode))
  if (set?.getNamespace() !== chaincode || more.length > 0)
    return bad(`The receipt is not about the state of the chaincode ${chaincode} alone.`)
  const read = soleRead(set)
  return read === undefined
    ? bad('The endorsers of the receipt did not read exactly one key and write none.')
    : attested(read)
}

const responseProblem = (action: peer.ChaincodeAction, terms: AttestationTerms): string | undefined => {
  const response = action.getResponse()
  const chaincode = action.getChaincodeId()
  if (chaincode?.getName() !== terms.chaincode || chaincode.getPath() !== '')
    return `The answer is not one of the chaincode ${terms.chaincode}.`
  if (response?.getStatus() !== 200) return 'The chaincode did not answer with success.'
  if (response.getMessage() !== '' || action.getEvents_asU8().length > 0)
    return 'The answer holds more than an attestation.'
  return Buffer.compare(response.getPayload_asU8(), Buffer.from(attestationText(terms.channel, terms.id))) === 0
    ? undefined
    : `The answer does not say that ${terms.id} stands on the channel ${terms.channel}.`
}

/**
 * Reads the payload of a receipt: an answer of `Attest` of that chaincode on that channel about that record, with exactly
 * one read, of the page that holds it. Fails with `receipt-invalid`.
 */
export const readAttestation = (payload: Uint8Array, terms: AttestationTerms): E.Either<BimsError, Attestation> => {
  const response = decodedExactly(peer.ProposalResponsePayload, payload)
  const action = response === undefined ? undefined : decodedExactly(peer.ChaincodeAction, response.getExtension_asU8())
  if (response?.getProposalHash_asU8().length !== 32 || action === undefined)
    return bad('The payload is not what an endorser signs.')
  const problem = responseProblem(action, terms)
  return problem === undefined ? readOf(action.getResults_asU8(), terms.chaincode) : bad(problem)
}
