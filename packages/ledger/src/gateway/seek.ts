import { randomBytes } from 'node:crypto'
import { type Signer } from '@bims/core'
import { common, msp, orderer } from '@hyperledger/fabric-protos'
import { bytesField, varint } from '../wire/write.ts'
import { fabricSigner, pemOf } from './signing.ts'

/** Who asks for blocks, and of which channel. */
export interface Seeker {
  readonly channel: string
  readonly mspId: string
  readonly signer: Signer
}

const creatorOf = ({ mspId, signer }: Seeker): Uint8Array => {
  const identity = new msp.SerializedIdentity()
  identity.setMspid(mspId)
  identity.setIdBytes(Buffer.from(pemOf(signer.certificates[0] ?? new Uint8Array())))
  return identity.serializeBinary()
}

const numberField = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)])

// By hand: the generated class of the timestamp in it is not one that fabric-protos hands out.
const channelHeader = (channel: string, now: Date): Buffer =>
  Buffer.concat([
    numberField(1, common.HeaderType.DELIVER_SEEK_INFO),
    bytesField(3, numberField(1, Math.floor(now.getTime() / 1000))),
    bytesField(4, Buffer.from(channel))
  ])

const headerOf = (seeker: Seeker): common.Header => {
  const signatureHeader = new common.SignatureHeader()
  signatureHeader.setCreator(creatorOf(seeker))
  signatureHeader.setNonce(randomBytes(24))
  const header = new common.Header()
  header.setChannelHeader(channelHeader(seeker.channel, new Date()))
  header.setSignatureHeader(signatureHeader.serializeBinary())
  return header
}

const fromTo = (from: number): orderer.SeekInfo => {
  const specified = new orderer.SeekSpecified()
  specified.setNumber(from)
  const start = new orderer.SeekPosition()
  start.setSpecified(specified)
  const stop = new orderer.SeekPosition()
  stop.setNewest(new orderer.SeekNewest())
  const info = new orderer.SeekInfo()
  info.setStart(start)
  info.setStop(stop)
  info.setBehavior(orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY)
  return info
}

/** The signed request for all blocks from a number up to the newest there is now. Rejects with the signer's own error. */
export const seekToNewest = async (seeker: Seeker, from: number): Promise<Buffer> => {
  const payload = new common.Payload()
  payload.setHeader(headerOf(seeker))
  payload.setData(fromTo(from).serializeBinary())
  const envelope = new common.Envelope()
  envelope.setPayload(payload.serializeBinary())
  envelope.setSignature(await fabricSigner(seeker.signer)(envelope.getPayload_asU8()))
  return Buffer.from(envelope.serializeBinary())
}
