import { status } from '@grpc/grpc-js'
import type { ServerWritableStream } from '@grpc/grpc-js'
import { common, gateway, orderer } from '@hyperledger/fabric-protos'
import type { peer } from '@hyperledger/fabric-protos'
import { chaincodeEvents } from './block-events.ts'
import { assertReader } from './gateway-submit.ts'
import type { LedgerContext } from './ledger-context.ts'
import { decode } from '../protobuf/messages.ts'
import { newPacedWriter } from './paced-writer.ts'
import { rpcError } from './rpc-error.ts'

type EventsStream = ServerWritableStream<gateway.SignedChaincodeEventsRequest, gateway.ChaincodeEventsResponse>

const Seek = orderer.SeekPosition.TypeCase

const startBlock = (context: LedgerContext, request: gateway.ChaincodeEventsRequest): number => {
  const after = request.getAfterTransactionId()
  const found = after === '' ? undefined : context.chain.state.transaction(after)
  if (found !== undefined) return found.block
  return startPosition(request.getStartPosition(), context.chain.height())
}

const startPosition = (position: orderer.SeekPosition | undefined, height: number): number => {
  const kind = position?.getTypeCase() ?? Seek.TYPE_NOT_SET
  if (kind === Seek.SPECIFIED) return position?.getSpecified()?.getNumber() ?? 0
  if (kind === Seek.TYPE_NOT_SET || kind === Seek.NEXT_COMMIT) return height
  throw rpcError(status.INVALID_ARGUMENT, 'invalid start position type')
}

/** Picks a chaincode's events, none before the transaction after which a client resumes. */
const newMatcher = (request: gateway.ChaincodeEventsRequest): ((event: peer.ChaincodeEvent) => boolean) => {
  const chaincode = request.getChaincodeId()
  const after = request.getAfterTransactionId()
  let passed = after === ''
  return event => {
    if (passed) return event.getChaincodeId() === chaincode
    passed = event.getTxId() === after
    return false
  }
}

const responseFor = (block: common.Block, events: readonly peer.ChaincodeEvent[]): gateway.ChaincodeEventsResponse => {
  const response = new gateway.ChaincodeEventsResponse()
  response.setBlockNumber(block.getHeader()?.getNumber() ?? 0)
  response.setEventsList([...events])
  return response
}

/** `gateway.Gateway/ChaincodeEvents`: the events of valid transactions, block by block, until the client ends it. */
export const streamChaincodeEvents = async (
  context: LedgerContext,
  stream: EventsStream,
  signal: AbortSignal
): Promise<void> => {
  const bytes = stream.request.getRequest_asU8()
  if (bytes.length === 0) throw rpcError(status.INVALID_ARGUMENT, 'a chaincode events request is required')
  const request = decode(gateway.ChaincodeEventsRequest, bytes)
  if (request === undefined) throw rpcError(status.INVALID_ARGUMENT, 'invalid chaincode events request')
  const signature = stream.request.getSignature_asU8()
  await assertReader(context, request.getChannelId(), request.getIdentity_asU8(), bytes, signature)
  const matches = newMatcher(request)
  const writer = newPacedWriter(stream, signal)
  for (let number = startBlock(context, request); ; number++) {
    await context.chain.reached(number, signal)
    if (signal.aborted) throw rpcError(status.UNAVAILABLE, 'the embedded ledger is stopping')
    const bytes = await context.chain.read(number)
    const block = common.Block.deserializeBinary(bytes)
    const events = chaincodeEvents(block).filter(matches)
    if (events.length > 0) await writer.write(responseFor(block, events), bytes.length)
  }
}
