import { crc32 } from 'node:zlib'

/** A key and its value as they were written; without a value where the key was deleted. */
export interface PrivateEntry {
  readonly key: string
  readonly value: Uint8Array | undefined
}

const headBytes = 9

/** An entry as it is kept: CRC-32 of the rest, length of the key, whether there is a value, key, value. */
export const encodeEntry = ({ key, value }: PrivateEntry): Buffer => {
  const name = Buffer.from(key)
  const out = Buffer.allocUnsafe(headBytes + name.length + (value?.length ?? 0))
  out.writeUInt32BE(name.length, 4)
  out[8] = value === undefined ? 0 : 1
  out.set(name, headBytes)
  if (value !== undefined) out.set(value, headBytes + name.length)
  out.writeUInt32BE(crc32(out.subarray(4)), 0)
  return out
}

/** Reads an entry back; undefined where it is not there or its checksum does not hold. */
export const decodeEntry = (bytes: Buffer | undefined): PrivateEntry | undefined => {
  if (bytes === undefined || bytes.length < headBytes || crc32(bytes.subarray(4)) !== bytes.readUInt32BE(0))
    return undefined
  const end = headBytes + bytes.readUInt32BE(4)
  return { key: bytes.toString('utf8', headBytes, end), value: bytes[8] === 0 ? undefined : bytes.subarray(end) }
}

/** A transaction whose values wait for its block. */
export interface Pending {
  /** When it was endorsed, in milliseconds. */
  readonly at: number
  readonly bytes: number
  /** Keys of the store under which its values are. */
  readonly keys: readonly Buffer[]
}

/** A transaction that waits, as it is kept: CRC-32 of the rest, time, bytes, its keys each with its length before it. */
export const encodePending = ({ at, bytes, keys }: Pending): Buffer => {
  const head = Buffer.alloc(20)
  head.writeBigUInt64BE(BigInt(at), 4)
  head.writeBigUInt64BE(BigInt(bytes), 12)
  const parts = keys.flatMap(key => {
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(key.length)
    return [length, key]
  })
  const out = Buffer.concat([head, ...parts])
  out.writeUInt32BE(crc32(out.subarray(4)), 0)
  return out
}

/** Reads a transaction that waits back; undefined where its checksum does not hold. */
export const decodePending = (bytes: Buffer): Pending | undefined => {
  if (bytes.length < 20 || crc32(bytes.subarray(4)) !== bytes.readUInt32BE(0)) return undefined
  const keys: Buffer[] = []
  for (let at = 20; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    keys.push(bytes.subarray(at + 4, end))
    at = end
  }
  return { at: Number(bytes.readBigUInt64BE(4)), bytes: Number(bytes.readBigUInt64BE(12)), keys }
}
