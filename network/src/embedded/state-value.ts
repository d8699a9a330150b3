import { crc32 } from 'node:zlib'
import { corrupt } from './corrupt.ts'
import type { Height } from './height.ts'

/** Under which name a key's own endorsement policy stands in its metadata, as in Fabric. */
export const keyPolicyEntry = 'VALIDATION_PARAMETER'

/** A value of the state with its version and what stands beside it. */
export interface StateValue {
  readonly value: Uint8Array
  readonly version: Height
  /** Metadata of the key, such as an endorsement policy of its own. */
  readonly metadata: ReadonlyMap<string, Uint8Array>
}

/** The endorsement policy of a key itself as validation takes it: an empty one is none. A gateway, as on a peer, takes it for one that nobody satisfies. */
export const keyPolicyOf = (state: StateValue | undefined): Uint8Array | undefined => {
  const policy = state?.metadata.get(keyPolicyEntry)
  return policy === undefined || policy.length === 0 ? undefined : policy
}

const headBytes = 18

const writeMetadata = (metadata: ReadonlyMap<string, Uint8Array>): Buffer => {
  const parts: Buffer[] = []
  for (const [name, value] of metadata) {
    const text = Buffer.from(name)
    const head = Buffer.allocUnsafe(6)
    head.writeUInt16BE(text.length, 0)
    head.writeUInt32BE(value.length, 2)
    parts.push(head, text, Buffer.from(value))
  }
  return Buffer.concat(parts)
}

const readMetadata = (
  bytes: Buffer,
  count: number
): { readonly metadata: Map<string, Uint8Array>; readonly end: number } => {
  const metadata = new Map<string, Uint8Array>()
  let at = headBytes
  for (let i = 0; i < count; i++) {
    const name = bytes.readUInt16BE(at)
    const length = bytes.readUInt32BE(at + 2)
    at += 6
    metadata.set(bytes.toString('utf8', at, at + name), bytes.subarray(at + name, at + name + length))
    at += name + length
  }
  return { metadata, end: at }
}

/** A value as it is kept: CRC-32 of the rest, block, transaction, count of metadata, metadata, value. */
export const encodeState = (state: StateValue): Buffer => {
  const metadata = writeMetadata(state.metadata)
  const out = Buffer.allocUnsafe(headBytes + metadata.length + state.value.length)
  out.writeBigUInt64BE(BigInt(state.version.block), 4)
  out.writeUInt32BE(state.version.tx, 12)
  out.writeUInt16BE(state.metadata.size, 16)
  out.set(metadata, headBytes)
  out.set(state.value, headBytes + metadata.length)
  out.writeUInt32BE(crc32(out.subarray(4)), 0)
  return out
}

/**
 * Reads a value back. LevelDB does not check what it reads unless told to, and this binding cannot tell it.
 * @throws `network-corrupt` where its checksum does not hold.
 */
export const decodeState = (bytes: Buffer): StateValue => {
  if (bytes.length < headBytes || crc32(bytes.subarray(4)) !== bytes.readUInt32BE(0))
    throw corrupt('A value of the index is damaged.')
  const version = { block: Number(bytes.readBigUInt64BE(4)), tx: bytes.readUInt32BE(12) }
  const { metadata, end } = readMetadata(bytes, bytes.readUInt16BE(16))
  return { value: bytes.subarray(end), version, metadata }
}
