import { content, fieldsOf, isBytes, isNumber, nextField, none } from '../wire/fields.ts'

/** A signature in the metadata of a block. */
export interface MetadataSignature {
  /** Serialized signature header: creator and nonce; empty where the signer is named by its number. */
  readonly header: Buffer
  readonly signature: Buffer
  /** Serialized identifier header of a BFT orderer. */
  readonly identifier: Buffer
}

/** One entry of a block's metadata: a value, and signatures over it and the block's header. */
export interface Metadata {
  readonly value: Buffer
  readonly signatures: readonly MetadataSignature[]
}

const parseSignature = (bytes: Buffer): MetadataSignature | undefined => {
  const found = [none, none, none, none]
  const f = fieldsOf(bytes)
  let before = 0
  while (nextField(f)) {
    if (f.wire !== 2 || f.field > 3 || f.field === before) return undefined
    before = f.field
    found[f.field] = content(f)
  }
  const [, header = none, signature = none, identifier = none] = found
  return f.bad || f.odd ? undefined : { header, signature, identifier }
}

/** Reads an entry of metadata; undefined where it is not exactly one: nobody signs the bytes around value and signatures. */
export const parseMetadata = (bytes: Buffer): Metadata | undefined => {
  const signatures: MetadataSignature[] = []
  let value: Buffer | undefined
  const f = fieldsOf(bytes)
  while (nextField(f)) {
    const signature = isBytes(f, 2) ? parseSignature(content(f)) : undefined
    if (signature !== undefined) signatures.push(signature)
    else if (isBytes(f, 1) && value === undefined && f.to > f.from) value = content(f)
    else return undefined
  }
  return f.bad || f.odd ? undefined : { value: value ?? none, signatures }
}

/** What the orderers sign of a block beside its header: the number of the last configuration block. */
export const lastConfigIn = (value: Buffer): number | undefined => {
  let index: number | undefined
  const f = fieldsOf(value)
  while (nextField(f)) if (isBytes(f, 1)) index = lastConfigNumber(content(f))
  return f.bad ? undefined : index
}

/** The number in a serialized LastConfig. */
export const lastConfigNumber = (bytes: Buffer): number | undefined => {
  let index = 0
  const f = fieldsOf(bytes)
  while (nextField(f)) if (isNumber(f, 1)) index = f.value
  return f.bad ? undefined : index
}

/** The number of a BFT orderer in a serialized identifier header. */
export const identifierIn = (bytes: Buffer): number | undefined => {
  let identifier = 0
  const f = fieldsOf(bytes)
  while (nextField(f)) if (isNumber(f, 1)) identifier = f.value
  return f.bad ? undefined : identifier
}
