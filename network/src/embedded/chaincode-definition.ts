import { randomBytes } from 'node:crypto'
import timestampMessage from 'google-protobuf/google/protobuf/timestamp_pb.js'
import { common, ledger, peer } from '@hyperledger/fabric-protos'
import { newError, type CollectionConfig } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { ChaincodeCollections } from '../collections/collections-file.ts'
import type { Chain } from './chain.ts'
import type { ChaincodePolicy } from '../policies/chaincode-policies.ts'
import { endorsedEnvelope, responsePayload } from './endorsed-envelope.ts'
import { parseAction, parseEnvelope, proposalHash, transactionId } from './envelope.ts'
import type { OwnEndorsements } from './own-endorsements.ts'
import { parsePolicy } from '../policies/policy-language.ts'
import type { Signer } from './signer.ts'
import { sameBytes } from '../protobuf/messages.ts'

const { kvrwset } = ledger.rwset
const { lifecycle } = peer

/** The namespace in which Fabric keeps the definitions of chaincodes. */
const lifecycleNamespace = '_lifecycle'

const applicationPolicy = (text: string | undefined, path: string | undefined): peer.ApplicationPolicy | undefined => {
  const message = new peer.ApplicationPolicy()
  if (path !== undefined) message.setChannelConfigPolicyReference(path)
  const read = text === undefined ? undefined : parsePolicy(text)
  if (read !== undefined && E.isRight(read)) message.setSignaturePolicy(read.right)
  return path === undefined && text === undefined ? undefined : message
}

const collectionMessage = (config: CollectionConfig): peer.CollectionConfig => {
  const { blockToLive = 0, maxPeerCount = 1, name, policy, requiredPeerCount = 0 } = config
  const message = new peer.StaticCollectionConfig()
  message.setName(name)
  const members = new peer.CollectionPolicyConfig()
  members.setSignaturePolicy(applicationPolicy(policy, undefined)?.getSignaturePolicy())
  message.setMemberOrgsPolicy(members)
  message.setRequiredPeerCount(requiredPeerCount)
  message.setMaximumPeerCount(maxPeerCount)
  message.setBlockToLive(blockToLive)
  message.setMemberOnlyRead(config.memberOnlyRead ?? false)
  message.setMemberOnlyWrite(config.memberOnlyWrite ?? false)
  const { channelConfigPolicy, signaturePolicy } = config.endorsementPolicy ?? {}
  message.setEndorsementPolicy(applicationPolicy(signaturePolicy, channelConfigPolicy))
  const wrapped = new peer.CollectionConfig()
  wrapped.setStaticCollectionConfig(message)
  return wrapped
}

const collectionsBytes = (configs: readonly CollectionConfig[]): Uint8Array => {
  const message = new peer.CollectionConfigPackage()
  message.setConfigList(configs.map(collectionMessage))
  return message.serializeBinary()
}

// Where it has none of its own it is what the channel's configuration says.
const validationBytes = (own: ChaincodePolicy | undefined): Uint8Array => {
  const message = new lifecycle.ChaincodeValidationInfo()
  message.setValidationPlugin('vscc')
  const policy = new peer.ApplicationPolicy()
  if (own === undefined) policy.setChannelConfigPolicyReference('/Channel/Application/Endorsement')
  else policy.setSignaturePolicy(own.form)
  message.setValidationParameter(policy.serializeBinary())
  return message.serializeBinary()
}

const stateBytes = (bytes: Uint8Array): Uint8Array => {
  const message = new lifecycle.StateData()
  message.setBytes(bytes)
  return message.serializeBinary()
}

const fieldKey = (chaincode: string, field: string): string => `namespaces/fields/${chaincode}/${field}`

/** What a definition writes into the lifecycle's state: Fabric's own keys and values. */
const writesOf = (
  chaincode: string,
  configs: readonly CollectionConfig[] | undefined,
  policy: ChaincodePolicy | undefined
): ReadonlyMap<string, Uint8Array> =>
  new Map([
    ...(configs === undefined
      ? []
      : [[fieldKey(chaincode, 'Collections'), stateBytes(collectionsBytes(configs))] as const]),
    [fieldKey(chaincode, 'ValidationInfo'), stateBytes(validationBytes(policy))]
  ])

const resultsOf = (writes: ReadonlyMap<string, Uint8Array>): Uint8Array => {
  const set = new kvrwset.KVRWSet()
  for (const [key, value] of writes) {
    const write = new kvrwset.KVWrite()
    write.setKey(key)
    write.setValue(value)
    set.addWrites(write)
  }
  const own = new ledger.rwset.NsReadWriteSet()
  own.setNamespace(lifecycleNamespace)
  own.setRwset(set.serializeBinary())
  const all = new ledger.rwset.TxReadWriteSet()
  all.setDataModel(ledger.rwset.TxReadWriteSet.DataModel.KV)
  all.addNsRwset(own)
  return all.serializeBinary()
}

const lifecycleId = (): peer.ChaincodeID => {
  const id = new peer.ChaincodeID()
  id.setName(lifecycleNamespace)
  id.setVersion('syscc')
  return id
}

const headerOf = (channel: string, creator: Uint8Array): common.Header => {
  const signature = new common.SignatureHeader()
  signature.setCreator(creator)
  signature.setNonce(randomBytes(24))
  const timestamp = new timestampMessage.Timestamp()
  timestamp.fromDate(new Date())
  const extension = new peer.ChaincodeHeaderExtension()
  extension.setChaincodeId(lifecycleId())
  const header = new common.ChannelHeader()
  header.setType(common.HeaderType.ENDORSER_TRANSACTION)
  header.setTimestamp(timestamp)
  header.setChannelId(channel)
  header.setTxId(transactionId(signature))
  header.setExtension$(extension.serializeBinary())
  const both = new common.Header()
  both.setChannelHeader(header.serializeBinary())
  both.setSignatureHeader(signature.serializeBinary())
  return both
}

const proposalPayload = (chaincode: string): Uint8Array => {
  const input = new peer.ChaincodeInput()
  input.setArgsList([Buffer.from('CommitChaincodeDefinition'), Buffer.from(chaincode)])
  const spec = new peer.ChaincodeSpec()
  spec.setChaincodeId(lifecycleId())
  spec.setInput(input)
  const invocation = new peer.ChaincodeInvocationSpec()
  invocation.setChaincodeSpec(spec)
  const payload = new peer.ChaincodeProposalPayload()
  payload.setInput(invocation.serializeBinary())
  return payload.serializeBinary()
}

const responseOf = (header: common.Header, payload: Uint8Array, results: Uint8Array): Uint8Array => {
  const response = new peer.Response()
  response.setStatus(200)
  const hash = proposalHash(header, header.getSignatureHeader_asU8(), payload)
  return responsePayload({ hash, chaincode: lifecycleId(), response, results })
}

/** What a definition is made with: all peers endorse it, the first one's identity submits it. */
interface Committing {
  readonly channel: string
  readonly signers: readonly Signer[]
  readonly endorse: OwnEndorsements['endorse']
}

const definitionEnvelope = (
  { channel, endorse, signers }: Committing,
  creator: Signer,
  chaincode: string,
  writes: ReadonlyMap<string, Uint8Array>
): common.Envelope => {
  const header = headerOf(channel, creator.identity)
  const publicPayload = proposalPayload(chaincode)
  const response = responseOf(header, publicPayload, resultsOf(writes))
  const endorsements = endorse(signers, response)
  const envelope = endorsedEnvelope({ header, publicPayload, responsePayload: response, endorsements })
  envelope.setSignature(creator.sign(envelope.getPayload_asU8()))
  return envelope
}

const isCommitted = async (chain: Chain, writes: ReadonlyMap<string, Uint8Array>): Promise<boolean> => {
  const view = chain.state.snapshot()
  try {
    return [...writes].every(([key, value]) => {
      const found = view.get(lifecycleNamespace, key)?.value
      return found !== undefined && sameBytes(found, value)
    })
  } finally {
    await view.close()
  }
}

/** What chaincodes have that is not the channel's own. */
export interface ChaincodeRules {
  readonly collections: ChaincodeCollections
  readonly policies: ReadonlyMap<string, ChaincodePolicy>
}

/**
 * Has the chain say which explicit collections and policies of their own chaincodes have, where it does not say so yet: whoever reads its blocks needs
 * their policies. A definition is a transaction of the lifecycle, endorsed by all organisations, as on a real channel.
 * @throws as the disk does.
 */
export const commitDefinitions = async (
  chain: Chain,
  committing: Committing,
  { collections, policies }: ChaincodeRules
): Promise<void> => {
  const [creator] = committing.signers
  if (creator === undefined) return
  for (const chaincode of new Set([...Object.keys(collections), ...policies.keys()])) {
    const writes = writesOf(chaincode, collections[chaincode], policies.get(chaincode))
    if (await isCommitted(chain, writes)) continue
    const envelope = definitionEnvelope(committing, creator, chaincode, writes)
    const parsed = parseEnvelope(envelope)
    const action = E.flatMap(parseAction)(parsed)
    if (E.isLeft(parsed) || E.isLeft(action))
      throw newError('unexpected', `The definition of ${chaincode} cannot be written.`, 'Please report it.')
    await chain.commit([
      {
        envelope: envelope.serializeBinary(),
        txId: parsed.right.channel.getTxId(),
        code: peer.TxValidationCode.VALID,
        namespaces: action.right.namespaces,
        event: undefined
      }
    ])
  }
}
