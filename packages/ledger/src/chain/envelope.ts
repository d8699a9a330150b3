import { isUtf8 } from 'node:buffer'
import { content, fieldsOf, isBytes, nextField, none, type Fields } from '../wire/fields.ts'
import { validationCodes as Code } from './validation-code.ts'

/** Types of envelopes that stand in blocks. */
export const envelopeTypes = { config: 1, configUpdate: 2, endorserTransaction: 3 } as const

/** A signed envelope taken apart as far as its headers; nothing of it is checked. */
export interface Envelope {
  readonly payload: Buffer
  readonly signature: Buffer
  readonly channelHeader: Buffer
  readonly signatureHeader: Buffer
  readonly data: Buffer
  readonly type: number
  readonly channel: string
  readonly txId: string
  readonly epoch: number
  readonly extension: Buffer
  readonly creator: Buffer
  readonly nonce: Buffer
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] }
type Headers = Mutable<Omit<Envelope, 'payload' | 'signature' | 'data' | 'channelHeader' | 'signatureHeader'>>

const channelNumber = (f: Fields, headers: Headers): void => {
  if (f.field === 1) headers.type = f.value
  else if (f.field === 6) headers.epoch = f.value
}

const channelText = (f: Fields, headers: Headers): boolean => {
  const bytes = content(f)
  if (f.field === 4) headers.channel = bytes.toString()
  else headers.txId = bytes.toString()
  return isUtf8(bytes)
}

const readChannelHeader = (bytes: Buffer, headers: Headers): boolean => {
  const f = fieldsOf(bytes)
  while (nextField(f)) {
    if (f.wire === 0) channelNumber(f, headers)
    else if (isBytes(f, 7)) headers.extension = content(f)
    else if ((isBytes(f, 4) || isBytes(f, 5)) && !channelText(f, headers)) return false
  }
  return !f.bad
}

/** Reads a serialized signature header; undefined where it is none. */
export const parseSignatureHeader = (
  bytes: Buffer
): { readonly creator: Buffer; readonly nonce: Buffer } | undefined => {
  let creator = none
  let nonce = none
  const f = fieldsOf(bytes)
  while (nextField(f)) {
    if (isBytes(f, 1)) creator = content(f)
    else if (isBytes(f, 2)) nonce = content(f)
  }
  return f.bad ? undefined : { creator, nonce }
}

// The last of a field counts, as protobuf has it.
const two = (bytes: Buffer): readonly [first: Buffer | undefined, second: Buffer] | undefined => {
  let first: Buffer | undefined
  let second = none
  const f = fieldsOf(bytes)
  while (nextField(f)) {
    if (isBytes(f, 1)) first = content(f)
    else if (isBytes(f, 2)) second = content(f)
  }
  return f.bad ? undefined : [first, second]
}

const readHeaders = (header: Buffer): Omit<Envelope, 'payload' | 'signature' | 'data'> | undefined => {
  const both = two(header)
  const [channelHeader = none, signatureHeader = none] = both ?? []
  const signer = parseSignatureHeader(signatureHeader)
  if (both === undefined || signer === undefined) return undefined
  const headers: Headers = { type: 0, channel: '', txId: '', epoch: 0, extension: none, ...signer }
  return readChannelHeader(channelHeader, headers) ? { channelHeader, signatureHeader, ...headers } : undefined
}

/** Reads an envelope as far as its headers; else the validation code that Fabric gives it. */
export const parseEnvelope = (bytes: Buffer): Envelope | number => {
  const envelope = two(bytes)
  if (envelope === undefined) return Code.INVALID_OTHER_REASON
  const [payload = none, signature] = envelope
  const parts = two(payload)
  if (parts === undefined) return Code.BAD_PAYLOAD
  const [header, data] = parts
  const headers = header === undefined ? undefined : readHeaders(header)
  return headers === undefined ? Code.BAD_COMMON_HEADER : { payload, signature, data, ...headers }
}
