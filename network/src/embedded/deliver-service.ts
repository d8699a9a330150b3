import { status } from '@grpc/grpc-js'
import type {
  MethodDefinition,
  ServerDuplexStream,
  ServiceDefinition,
  UntypedServiceImplementation
} from '@grpc/grpc-js'
import { common, orderer, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { checkReader } from './access.ts'
import { newAdmission } from './admission.ts'
import type { Admission } from './admission.ts'
import { filteredBlock } from './block-events.ts'
import { parseEnvelope } from './envelope.ts'
import type { LedgerContext, OrganizationPeer } from './ledger-context.ts'
import type { Identity } from './msp.ts'
import { bytesField, decode } from '../protobuf/messages.ts'
import { newPacedWriter } from './paced-writer.ts'
import type { PacedWriter } from './paced-writer.ts'
import type { Collection } from './private-data/collection.ts'
import { blockAndPrivateData } from './private-data/delivered.ts'
import { rpcError, statusOf, statusOfThrown } from './rpc-error.ts'
import { streamSignal } from './stream-signal.ts'

type DeliverStream = ServerDuplexStream<common.Envelope, Uint8Array>
type Status = common.StatusMap[keyof common.StatusMap]
/** How a block is answered to whoever asks. */
type Shape = (block: Uint8Array, reader: Identity) => Uint8Array

const Seek = orderer.SeekPosition.TypeCase
const timeWindowMs = 15 * 60 * 1000

// Blocks are passed on as the bytes in which they stand: building each message again would only copy it.
const method = (name: string): MethodDefinition<common.Envelope, Uint8Array> => ({
  path: `/protos.Deliver/${name}`,
  requestStream: true,
  responseStream: true,
  requestSerialize: envelope => Buffer.from(envelope.serializeBinary()),
  requestDeserialize: bytes => common.Envelope.deserializeBinary(bytes),
  responseSerialize: bytes => Buffer.from(bytes),
  responseDeserialize: bytes => bytes
})

/** `protos.Deliver` with its three methods. */
export const deliverService = {
  deliver: method('Deliver'),
  deliverFiltered: method('DeliverFiltered'),
  deliverWithPrivateData: method('DeliverWithPrivateData')
} satisfies ServiceDefinition<UntypedServiceImplementation>

const statusBytes = (code: Status): Uint8Array => {
  const response = new peer.DeliverResponse()
  response.setStatus(code)
  return response.serializeBinary()
}

interface Seeking {
  readonly from: number
  /** Last block wanted. */
  readonly to: number
  readonly failIfNotReady: boolean
}

const stopOf = (info: orderer.SeekInfo, from: number, height: number): number | undefined => {
  const stop = info.getStop()
  switch (stop?.getTypeCase()) {
    case Seek.OLDEST:
      return from
    case Seek.NEWEST:
      return info.getStart()?.getTypeCase() === Seek.NEWEST ? from : height - 1
    case Seek.SPECIFIED:
      return stop.getSpecified()?.getNumber() ?? 0
    default:
      return undefined
  }
}

const startOf = (start: orderer.SeekPosition | undefined, height: number): number | undefined => {
  switch (start?.getTypeCase()) {
    case Seek.OLDEST:
      return 0
    case Seek.NEWEST:
      return height - 1
    case Seek.NEXT_COMMIT:
      return height
    case Seek.SPECIFIED:
      return start.getSpecified()?.getNumber() ?? 0
    default:
      return undefined
  }
}

const seekOf = (info: orderer.SeekInfo, height: number): Seeking | Status => {
  if (info.getStart() === undefined || info.getStop() === undefined) return common.Status.BAD_REQUEST
  const from = startOf(info.getStart(), height)
  if (from === undefined || from > height) return common.Status.NOT_FOUND
  const to = stopOf(info, from, height)
  if (to === undefined || to < from) return common.Status.BAD_REQUEST
  return { from, to, failIfNotReady: info.getBehavior() === orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY }
}

interface SeekRequest {
  readonly info: orderer.SeekInfo
  readonly reader: Identity
}

const checkRequest = async (context: LedgerContext, envelope: common.Envelope): Promise<SeekRequest | Status> => {
  const parsed = parseEnvelope(envelope)
  if (E.isLeft(parsed)) return common.Status.BAD_REQUEST
  const { channel, signature, payload, envelopeSignature, data } = parsed.right
  const at = channel.getTimestamp()?.toDate().getTime()
  if (at === undefined || Math.abs(at - Date.now()) > timeWindowMs) return common.Status.BAD_REQUEST
  if (channel.getChannelId() !== context.channel) return common.Status.NOT_FOUND
  const info = decode(orderer.SeekInfo, data)
  if (info === undefined) return common.Status.BAD_REQUEST
  const creator = context.msp.identify(signature.getCreator_asU8())
  const allowed = await checkReader(context.msp, signature.getCreator_asU8(), payload, envelopeSignature)
  return allowed && E.isRight(creator) ? { info, reader: creator.right } : common.Status.FORBIDDEN
}

const send = async (
  context: LedgerContext,
  writer: PacedWriter<Uint8Array>,
  envelope: common.Envelope,
  shape: Shape,
  signal: AbortSignal
): Promise<Status> => {
  const asked = await checkRequest(context, envelope)
  if (typeof asked === 'number') return asked
  const seeking = seekOf(asked.info, context.chain.height())
  if (typeof seeking === 'number') return seeking
  for (let number = seeking.from; number <= seeking.to; number++) {
    if (seeking.failIfNotReady && number >= context.chain.height()) return common.Status.NOT_FOUND
    await context.chain.reached(number, signal)
    if (signal.aborted) throw rpcError(status.UNAVAILABLE, 'the embedded ledger is stopping')
    const bytes = shape(await context.chain.read(number), asked.reader)
    await writer.write(bytes, bytes.length)
  }
  return common.Status.SUCCESS
}

// As on a real peer.
const concurrency = 2500
const tooMany = statusOf(
  rpcError(
    status.RESOURCE_EXHAUSTED,
    `too many requests for /protos.Deliver, exceeding concurrency limit (${concurrency})`
  )
)

// A stream takes one seek after the other; each ends with a status, and any but SUCCESS ends the stream.
const handler =
  (context: LedgerContext, admission: Admission, shape: Shape) =>
  (stream: DeliverStream): void => {
    const leave = admission.enter(stream.getPeer())
    if (leave === undefined) return void stream.emit('error', tooMany)
    const { signal, end } = streamSignal(stream, context.stopping)
    for (const over of ['close', 'finish', 'cancelled', 'error']) stream.once(over, leave)
    const writer = newPacedWriter(stream, signal)
    const finish = (): void => {
      stream.end()
      end()
    }
    let work: Promise<void> = Promise.resolve()
    let pending = 0
    const serve = async (envelope: common.Envelope): Promise<void> => {
      try {
        if (signal.aborted) return
        const outcome = await send(context, writer, envelope, shape, signal)
        stream.write(statusBytes(outcome))
        if (outcome !== common.Status.SUCCESS) finish()
      } catch (error) {
        stream.emit('error', statusOfThrown(error))
      } finally {
        pending -= 1
      }
    }
    stream.on('data', (envelope: common.Envelope) => {
      if (pending > 16)
        return void stream.emit('error', statusOf(rpcError(status.RESOURCE_EXHAUSTED, 'too many seeks wait')))
      pending += 1
      work = work.then(() => serve(envelope))
    })
    stream.on('end', () => void work.then(finish))
  }

const asBlock: Shape = block => bytesField(2, block)

/** The methods of `protos.Deliver` over a ledger, at the peer of an organisation. */
export const deliverHandlers = (context: LedgerContext, own: OrganizationPeer): UntypedServiceImplementation => {
  const admission = newAdmission(concurrency)
  const asFiltered: Shape = bytes => {
    const response = new peer.DeliverResponse()
    response.setFilteredBlock(filteredBlock(common.Block.deserializeBinary(bytes), context.channel))
    return response.serializeBinary()
  }
  // As Fabric's peers do: of the collections that it is a member of, whoever may read the channel is given those that are
  // not for members alone.
  const asBlockAndPrivateData: Shape = (block, reader) => {
    const gives = (collection: Collection): boolean => {
      const rules = context.collection(collection)
      return rules !== undefined && rules.members.has(own.mspId) && rules.mayRead(reader)
    }
    return bytesField(4, blockAndPrivateData({ store: context.chain.privateData, gives }, block))
  }
  return {
    deliver: handler(context, admission, asBlock),
    deliverFiltered: handler(context, admission, asFiltered),
    deliverWithPrivateData: handler(context, admission, asBlockAndPrivateData)
  }
}
