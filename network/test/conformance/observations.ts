import { common } from '@hyperledger/fabric-protos'
import type { SubmittedTransaction } from '@hyperledger/fabric-gateway'

let counter = 0
/** A name that no other test or run uses: the suite may meet a ledger that has been used before. */
export const fresh = (name: string): string => `${name}-${Date.now().toString(36)}-${counter++}`

export const statusOf = async (commit: SubmittedTransaction): Promise<number> => (await commit.getStatus()).code

export const take = async <A>(stream: AsyncIterable<A> & { close(): void }, count: number): Promise<A[]> => {
  const taken: A[] = []
  for await (const entry of stream) {
    taken.push(entry)
    if (taken.length === count) break
  }
  stream.close()
  return taken
}

/** An error of the client as far as the suite looks at it. */
export interface GrpcFailure {
  readonly code: number
  readonly message: string
  readonly details: readonly { readonly address: string; readonly mspId: string; readonly message: string }[]
}
export const failureOf = async (attempt: Promise<unknown>): Promise<GrpcFailure> => {
  try {
    await attempt
  } catch (error) {
    return error as GrpcFailure
  }
  throw new Error('it succeeded')
}

export const envelopesOf = (block: common.Block): common.Envelope[] =>
  block
    .getData()!
    .getDataList_asU8()
    .map(b => common.Envelope.deserializeBinary(b))
export const channelHeaderOf = (envelope: common.Envelope): common.ChannelHeader =>
  common.ChannelHeader.deserializeBinary(
    common.Payload.deserializeBinary(envelope.getPayload_asU8()).getHeader()!.getChannelHeader_asU8()
  )
export const flagsOf = (block: common.Block): Uint8Array =>
  block.getMetadata()!.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER]!
