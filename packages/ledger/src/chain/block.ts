import { createHash, hash } from 'node:crypto'
import { content, fieldsOf, isBytes, isNumber, nextField, none, type Fields } from '../wire/fields.ts'
import { joined } from '../wire/joined.ts'

/** A block taken apart; nothing of it is checked, nothing is copied. */
export interface RawBlock {
  readonly number: number
  readonly previousHash: Buffer
  readonly dataHash: Buffer
  /** Serialized envelopes. */
  readonly data: readonly Buffer[]
  /** Serialized metadata by its index in Fabric. */
  readonly metadata: readonly Buffer[]
  /** Every byte of it is one that Fabric would write. */
  readonly exact: boolean
}

/** Places of the metadata of a block. */
export const metadataIndex = {
  signatures: 0,
  lastConfig: 1,
  transactionsFilter: 2,
  orderer: 3,
  commitHash: 4
} as const

interface Parts {
  number: number
  previousHash: Buffer
  dataHash: Buffer
  data: Buffer[]
  metadata: Buffer[]
  exact: boolean
}

const readHeader = (f: Fields, parts: Parts): void => {
  const header = fieldsOf(f.bytes, f.from, f.to)
  while (nextField(header)) {
    if (isNumber(header, 1)) parts.number = header.value
    else if (isBytes(header, 2)) parts.previousHash = content(header)
    else if (isBytes(header, 3)) parts.dataHash = content(header)
    else parts.exact = false
  }
  if (header.bad || header.odd) parts.exact = false
}

const readList = (f: Fields, list: Buffer[], parts: Parts): void => {
  const items = fieldsOf(f.bytes, f.from, f.to)
  while (nextField(items)) {
    if (isBytes(items, 1)) list.push(content(items))
    else parts.exact = false
  }
  if (items.bad || items.odd) parts.exact = false
}

const readPart = (f: Fields, parts: Parts): void => {
  if (isBytes(f, 1)) readHeader(f, parts)
  else if (isBytes(f, 2)) readList(f, parts.data, parts)
  else if (isBytes(f, 3)) readList(f, parts.metadata, parts)
  else parts.exact = false
}

const emptyFieldsOf = ({ number, previousHash, dataHash }: Parts): number =>
  (number === 0 ? 0 : 1 + varintSize(number)) + bytesSize(previousHash) + bytesSize(dataHash)

const varintSize = (value: number): number => {
  let size = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1
  return size
}

const bytesSize = (bytes: Buffer): number => (bytes.length === 0 ? 0 : listed(bytes.length))
const listed = (length: number): number => 1 + varintSize(length) + length
const total = (list: readonly Buffer[]): number => list.reduce((sum, { length }) => sum + listed(length), 0)

// The length that the block has when it is written anew: a field that stands twice, or an empty one, makes it longer.
const exactLength = (parts: Parts): number =>
  listed(emptyFieldsOf(parts)) + listed(total(parts.data)) + listed(total(parts.metadata))

/** Takes a serialized block apart; undefined where it is none. */
export const parseBlock = (bytes: Buffer): RawBlock | undefined => {
  const parts: Parts = { number: 0, previousHash: none, dataHash: none, data: [], metadata: [], exact: true }
  const f = fieldsOf(bytes)
  while (nextField(f)) readPart(f, parts)
  if (f.bad) return undefined
  return { ...parts, exact: parts.exact && !f.odd && exactLength(parts) === bytes.length }
}

/** SHA-256 over parts put together. */
export const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', joined(...parts), 'buffer')

/** The same in hex: a text costs half of what a buffer does. */
export const sha256Hex = (...parts: readonly Uint8Array[]): string => hash('sha256', joined(...parts), 'hex')

// Copying the envelopes of an ordinary block costs less than a call for each.
const isOrdinary = (data: readonly Buffer[]): boolean =>
  data.length <= 1000 && data.reduce((sum, { length }) => sum + length, 0) <= 1024 * 1024

/** The hash over all envelopes of a block, as its header has it. */
export const dataHashOf = ({ data }: RawBlock): Buffer => {
  if (isOrdinary(data)) return sha256(...data)
  const digest = createHash('sha256')
  for (const envelope of data) digest.update(envelope)
  return digest.digest()
}
