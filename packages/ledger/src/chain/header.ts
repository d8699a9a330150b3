import { sha256, type RawBlock } from './block.ts'

const der = (tag: number, body: Uint8Array): Buffer => {
  const { length } = body
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, (length >> 8) & 255, length & 255]
  return Buffer.concat([Buffer.from(head), body])
}

const derInteger = (value: number): Buffer => {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return der(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}

/** The header of a block as Fabric hashes and signs it: ASN.1 DER of number, previous hash, data hash. */
export const headerBytes = ({
  number,
  previousHash,
  dataHash
}: Pick<RawBlock, 'number' | 'previousHash' | 'dataHash'>): Buffer =>
  der(0x30, Buffer.concat([derInteger(number), der(0x04, previousHash), der(0x04, dataHash)]))

/** The hash by which the next block names this one. */
export const headerHash = (block: Pick<RawBlock, 'number' | 'previousHash' | 'dataHash'>): Buffer =>
  sha256(headerBytes(block))
