import { ledger, peer } from '@hyperledger/fabric-protos'
import { attestationText, compositeKey, pageKey, type Receipt } from '@bims/core'
import { newAuthority, type Authority, type NodeRole } from '../../src/index.ts'
import { newSigner, type Signer } from '../../src/embedded/signer.ts'

/** An organisation that endorses in these tests. */
export interface Endorsing {
  readonly authority: Authority
  readonly root: string
  readonly peer: Signer
  readonly certificate: string
}

/** A new organisation with a peer, or with somebody of another role in its place. */
export const newEndorsing = async (
  mspId: string,
  { embedded = false, role = 'peer' }: { readonly embedded?: boolean; readonly role?: NodeRole } = {}
): Promise<Endorsing> => {
  const authority = await newAuthority({ name: `ca.${mspId}`, organization: mspId, embedded })
  const credential = await authority.issue({ name: `peer0.${mspId}`, role })
  return {
    authority,
    root: authority.credential.certificate,
    peer: newSigner(mspId, credential),
    certificate: credential.certificate
  }
}

/** What an endorsed answer of `Attest` is made of; each part may be another than it should. */
export interface Answer {
  readonly id: string
  readonly channel?: string
  readonly chaincode?: string
  readonly status?: number
  readonly message?: string
  readonly text?: string
  readonly key?: string
  readonly version?: boolean
  readonly write?: boolean
  readonly reads?: number
  readonly range?: boolean
  readonly namespace?: string
  readonly lifecycleKey?: string
  readonly events?: boolean
}

/** The transaction that the receipts of these tests speak of. */
export const transaction = 'ab'.repeat(32)

const { KVRead, KVRWSet, KVWrite, RangeQueryInfo, Version } = ledger.rwset.kvrwset

const readOf = (key: string, hasVersion: boolean): ledger.rwset.kvrwset.KVRead => {
  const read = new KVRead()
  read.setKey(key)
  if (!hasVersion) return read
  const version = new Version()
  version.setBlockNum(12)
  version.setTxNum(3)
  read.setVersion(version)
  return read
}

const namespaceOf = (name: string, set: ledger.rwset.kvrwset.KVRWSet): ledger.rwset.NsReadWriteSet => {
  const own = new ledger.rwset.NsReadWriteSet()
  own.setNamespace(name)
  own.setRwset(set.serializeBinary())
  return own
}

const resultsOf = (answer: Answer): Uint8Array => {
  const { key = compositeKey(pageKey(transaction)), version = true, reads = 1 } = answer
  const set = new KVRWSet()
  for (let i = 0; i < reads; i++) set.addReads(readOf(i === 0 ? key : `${key}${i}`, version))
  if (answer.write === true) {
    const write = new KVWrite()
    write.setKey('k')
    write.setValue(Uint8Array.of(1))
    set.addWrites(write)
  }
  if (answer.range === true) set.addRangeQueriesInfo(new RangeQueryInfo())
  const all = new ledger.rwset.TxReadWriteSet()
  if (answer.lifecycleKey !== undefined) {
    const definition = new KVRWSet()
    definition.addReads(readOf(answer.lifecycleKey, true))
    all.addNsRwset(namespaceOf('_lifecycle', definition))
  }
  all.addNsRwset(namespaceOf(answer.namespace ?? answer.chaincode ?? 'bims', set))
  return all.serializeBinary()
}

/** The payload that endorsers sign for an answer. */
export const payloadOf = (answer: Answer): Uint8Array => {
  const response = new peer.Response()
  response.setStatus(answer.status ?? 200)
  response.setMessage(answer.message ?? '')
  response.setPayload(Buffer.from(answer.text ?? attestationText(answer.channel ?? 'bims', answer.id)))
  const chaincode = new peer.ChaincodeID()
  chaincode.setName(answer.chaincode ?? 'bims')
  chaincode.setVersion('1.0')
  const action = new peer.ChaincodeAction()
  action.setResults(resultsOf(answer))
  if (answer.events === true) action.setEvents(Uint8Array.of(1))
  action.setResponse(response)
  action.setChaincodeId(chaincode)
  const payload = new peer.ProposalResponsePayload()
  payload.setProposalHash(Buffer.alloc(32, 7))
  payload.setExtension$(action.serializeBinary())
  return payload.serializeBinary()
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** A receipt over an answer, endorsed by these. */
export const receiptOver = (id: string, payload: Uint8Array, signers: readonly Signer[]): Receipt => ({
  schema: 'bims.receipt/1',
  over: id,
  payload: base64(payload),
  endorsements: signers.map(signer => ({
    endorser: base64(signer.identity),
    signature: base64(signer.sign(payload, signer.identity))
  }))
})
