import { common, peer } from '@hyperledger/fabric-protos'
import { connectAs } from '../client.ts'
import type { Profile } from '@bims/ledger'

const readArguments = (action: peer.ChaincodeActionPayload): readonly string[] => {
  const payload = peer.ChaincodeProposalPayload.deserializeBinary(action.getChaincodeProposalPayload_asU8())
  const invocation = peer.ChaincodeInvocationSpec.deserializeBinary(payload.getInput_asU8())
  const args = invocation.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? []
  return args.map(arg => Buffer.from(arg).toString())
}

const readIds = (envelope: Uint8Array): { readonly transaction: string; readonly ids: readonly string[] } => {
  const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8())
  const header = common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array()
  )
  const [action] =
    header.getType() === common.HeaderType.ENDORSER_TRANSACTION
      ? peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList()
      : []
  const [name, argument] =
    action === undefined ? [] : readArguments(peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8()))
  if (name !== 'Submit' || argument === undefined) return { transaction: header.getTxId(), ids: [] }
  const { records } = JSON.parse(argument) as { records: { id: string }[] }
  return { transaction: header.getTxId(), ids: records.map(({ id }) => id) }
}

/** Reads the chain up to a block over the gateway: id of each record → valid transactions that submitted it. */
export const recordsOfChain = async (
  profileFile: string,
  profile: Profile,
  last: number
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const client = connectAs({ profile, profileFile }, 'org2/bob')
  const found = new Map<string, string[]>()
  try {
    const network = client.gateway.getNetwork(profile.channel)
    const blocks = await network.getBlockEvents({ startBlock: 0n })
    for await (const block of blocks) {
      const flags =
        block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? new Uint8Array()
      for (const [i, envelope] of (block.getData()?.getDataList_asU8() ?? []).entries()) {
        if (flags[i] !== peer.TxValidationCode.VALID) continue
        const { transaction, ids } = readIds(envelope)
        for (const id of ids) found.set(id, [...(found.get(id) ?? []), transaction])
      }
      if ((block.getHeader()?.getNumber() ?? 0) >= last) break
    }
    blocks.close()
  } finally {
    client.close()
  }
  return found
}
