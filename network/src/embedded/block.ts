import { randomBytes } from 'node:crypto'
import { common } from '@hyperledger/fabric-protos'
import { sha256, varint, type Parts } from '../protobuf/messages.ts'
import type { Signer } from './signer.ts'

const derLength = (length: number): Buffer =>
  length < 128 ? Buffer.of(length) : length < 256 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 255)

const der = (tag: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.of(tag), derLength(body.length), body])

const derInteger = (value: number): Buffer => {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return der(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}

/** The header of a block as Fabric hashes and signs it: ASN.1 DER of number, previous hash, data hash. */
export const headerBytes = (header: common.BlockHeader): Buffer =>
  der(
    0x30,
    Buffer.concat([
      derInteger(header.getNumber()),
      der(0x04, header.getPreviousHash_asU8()),
      der(0x04, header.getDataHash_asU8())
    ])
  )

/** The hash by which the next block names this one. */
export const headerHash = (header: common.BlockHeader): Buffer => sha256(headerBytes(header))

const metadataOf = (value: Uint8Array): common.Metadata => {
  const metadata = new common.Metadata()
  metadata.setValue(value)
  return metadata
}

const signatureOf = (signer: Signer, value: Uint8Array, header: common.BlockHeader): common.MetadataSignature => {
  const signatureHeader = new common.SignatureHeader()
  signatureHeader.setCreator(signer.identity)
  signatureHeader.setNonce(randomBytes(24))
  const signed = signatureHeader.serializeBinary()
  const signature = new common.MetadataSignature()
  signature.setSignatureHeader(signed)
  signature.setSignature(signer.sign(value, signed, headerBytes(header)))
  return signature
}

const ordererMetadata = (header: common.BlockHeader, signers: readonly Signer[]): common.Metadata => {
  const lastConfig = new common.LastConfig()
  lastConfig.setIndex(0)
  const value = new common.OrdererBlockMetadata()
  value.setLastConfig(lastConfig)
  value.setConsenterMetadata(metadataOf(new Uint8Array()).serializeBinary())
  const metadata = metadataOf(value.serializeBinary())
  for (const signer of signers) metadata.addSignatures(signatureOf(signer, metadata.getValue_asU8(), header))
  return metadata
}

/** What a block is made of. */
export interface BlockParts {
  readonly number: number
  readonly previousHash: Uint8Array
  /** Serialized envelopes in order. */
  readonly data: readonly Uint8Array[]
  /** One validation code a transaction. */
  readonly flags: Uint8Array
  /** Hash over the flags, the writes and the commit hash before; empty for the first block. */
  readonly commitHash: Uint8Array
  /** The orderers that sign; none for the first block, as in Fabric. */
  readonly signers: readonly Signer[]
}

/** Builds a block with its data hash, signatures and the metadata that a committing peer adds. */
export const newBlock = (parts: BlockParts): common.Block => {
  const header = new common.BlockHeader()
  header.setNumber(parts.number)
  header.setPreviousHash(parts.previousHash)
  header.setDataHash(sha256(...parts.data))
  const data = new common.BlockData()
  data.setDataList([...parts.data])
  const metadata = new common.BlockMetadata()
  metadata.setMetadataList([
    ordererMetadata(header, parts.signers).serializeBinary(),
    new Uint8Array(),
    parts.flags,
    new Uint8Array(),
    parts.commitHash.length === 0 ? new Uint8Array() : metadataOf(parts.commitHash).serializeBinary()
  ])
  const block = new common.Block()
  block.setHeader(header)
  block.setData(data)
  block.setMetadata(metadata)
  return block
}

/** The next commit hash, as Fabric's peers compute it. */
export const nextCommitHash = (flags: Uint8Array, updates: Parts, before: Uint8Array): Buffer =>
  sha256(varint(flags.length), flags, ...updates, before)

/** The validation code of each transaction of a block. */
export const flagsOf = (block: common.Block): Uint8Array =>
  block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? new Uint8Array()

/** The commit hash that a block carries. */
export const commitHashOf = (block: common.Block): Uint8Array => {
  const bytes = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.COMMIT_HASH]
  return bytes === undefined || bytes.length === 0
    ? new Uint8Array()
    : common.Metadata.deserializeBinary(bytes).getValue_asU8()
}
