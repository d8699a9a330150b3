import { isUtf8 } from 'node:buffer'
import { content, fieldsOf, isBytes, isNumber, nextField, none, type Fields } from '../wire/fields.ts'

/** Where in the chain something was written. */
export interface Version {
  readonly block: number
  readonly place: number
}

/** A key that was read; keys are bytes, and the hash of the key in a private collection. */
export interface KeyRead {
  readonly key: Buffer
  /** Undefined: the key was not there. */
  readonly version: Version | undefined
}

/** A key that was written. */
export interface KeyWrite {
  readonly key: Buffer
  /** Undefined deletes. */
  readonly value: Buffer | undefined
}

/** The metadata of a key that was written, such as an endorsement policy of its own. */
export interface MetadataWrite {
  readonly key: Buffer
  readonly entries: readonly { readonly name: string; readonly value: Buffer }[]
}

/** A range that was queried. */
export interface RangeRead {
  readonly start: Buffer
  readonly end: Buffer
  readonly exhausted: boolean
  readonly reads: readonly KeyRead[]
  /** Hashes that stand for many reads. */
  readonly summary: { readonly degree: number; readonly level: number; readonly hashes: readonly Buffer[] } | undefined
}

/** What was read and written of a private collection, by hashes. */
export interface CollectionSet {
  readonly name: string
  readonly reads: readonly KeyRead[]
  readonly writes: readonly KeyWrite[]
  readonly metadata: readonly MetadataWrite[]
}

/** What a transaction read and wrote of one chaincode's state. */
export interface NamespaceSet {
  readonly namespace: string
  readonly reads: readonly KeyRead[]
  readonly ranges: readonly RangeRead[]
  readonly writes: readonly KeyWrite[]
  readonly metadata: readonly MetadataWrite[]
  readonly collections: readonly CollectionSet[]
}

/** Says of a message that it is none. */
interface Trouble {
  bad: boolean
}

type Read<A> = (f: Fields, trouble: Trouble) => A

const within = (f: Fields): Fields => fieldsOf(f.bytes, f.from, f.to)

const text = (f: Fields, trouble: Trouble): Buffer => {
  const bytes = content(f)
  if (!isUtf8(bytes)) trouble.bad = true
  return bytes
}

const version: Read<Version> = (f, trouble) => {
  let block = 0
  let place = 0
  const inner = within(f)
  while (nextField(inner)) {
    if (isNumber(inner, 1)) block = inner.value
    else if (isNumber(inner, 2)) place = inner.value
  }
  trouble.bad ||= inner.bad
  return { block, place }
}

const keyRead: Read<KeyRead> = (f, trouble) => {
  let key = none
  let found: Version | undefined
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) key = content(inner)
    else if (isBytes(inner, 2)) found = version(inner, trouble)
  }
  trouble.bad ||= inner.bad
  return { key, version: found }
}

const publicRead: Read<KeyRead> = (f, trouble) => {
  const read = keyRead(f, trouble)
  if (!isUtf8(read.key)) trouble.bad = true
  return read
}

const keyWrite: Read<KeyWrite> = (f, trouble) => {
  let key = none
  let value = none
  let deletes = false
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) key = content(inner)
    else if (isNumber(inner, 2)) deletes = inner.value !== 0
    else if (isBytes(inner, 3)) value = content(inner)
  }
  trouble.bad ||= inner.bad
  return { key, value: deletes || value.length === 0 ? undefined : value }
}

const publicWrite: Read<KeyWrite> = (f, trouble) => {
  const write = keyWrite(f, trouble)
  if (!isUtf8(write.key)) trouble.bad = true
  return write
}

const emptyHash = Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex')

const hashWrite: Read<KeyWrite> = (f, trouble) => {
  const write = keyWrite(f, trouble)
  return write.value?.equals(emptyHash) === true ? { key: write.key, value: undefined } : write
}

const metadataEntry: Read<{ readonly name: string; readonly value: Buffer }> = (f, trouble) => {
  let name = ''
  let value = none
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) name = text(inner, trouble).toString()
    else if (isBytes(inner, 2)) value = content(inner)
  }
  trouble.bad ||= inner.bad
  return { name, value }
}

const metadataWrite: Read<MetadataWrite> = (f, trouble) => {
  let key = none
  const entries: { readonly name: string; readonly value: Buffer }[] = []
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) key = content(inner)
    else if (isBytes(inner, 2)) entries.push(metadataEntry(inner, trouble))
  }
  trouble.bad ||= inner.bad
  return { key, entries }
}

const rawReads: Read<readonly KeyRead[]> = (f, trouble) => {
  const reads: KeyRead[] = []
  const inner = within(f)
  while (nextField(inner)) if (isBytes(inner, 1)) reads.push(publicRead(inner, trouble))
  trouble.bad ||= inner.bad
  return reads
}

const summary: Read<NonNullable<RangeRead['summary']>> = (f, trouble) => {
  let degree = 0
  let level = 0
  const hashes: Buffer[] = []
  const inner = within(f)
  while (nextField(inner)) {
    if (isNumber(inner, 1)) degree = inner.value
    else if (isNumber(inner, 2)) level = inner.value
    else if (isBytes(inner, 3)) hashes.push(content(inner))
  }
  trouble.bad ||= inner.bad
  return { degree, level, hashes }
}

const rangeRead: Read<RangeRead> = (f, trouble) => {
  const found: { -readonly [K in keyof RangeRead]: RangeRead[K] } = {
    start: none,
    end: none,
    exhausted: false,
    reads: [],
    summary: undefined
  }
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) found.start = text(inner, trouble)
    else if (isBytes(inner, 2)) found.end = text(inner, trouble)
    else if (isNumber(inner, 3)) found.exhausted = inner.value !== 0
    else if (isBytes(inner, 4)) found.reads = rawReads(inner, trouble)
    else if (isBytes(inner, 5)) found.summary = summary(inner, trouble)
  }
  trouble.bad ||= inner.bad
  return found
}

const hashedSet = (f: Fields, name: string, trouble: Trouble): CollectionSet => {
  const reads: KeyRead[] = []
  const writes: KeyWrite[] = []
  const metadata: MetadataWrite[] = []
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) reads.push(keyRead(inner, trouble))
    else if (isBytes(inner, 2)) writes.push(hashWrite(inner, trouble))
    else if (isBytes(inner, 3)) metadata.push(metadataWrite(inner, trouble))
  }
  trouble.bad ||= inner.bad
  return { name, reads, writes, metadata }
}

const collectionSet: Read<CollectionSet> = (f, trouble) => {
  let found: CollectionSet = { name: '', reads: [], writes: [], metadata: [] }
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) found = { ...found, name: text(inner, trouble).toString() }
    else if (isBytes(inner, 2)) found = hashedSet(inner, found.name, trouble)
  }
  trouble.bad ||= inner.bad
  return found
}

type PublicSet = Pick<NamespaceSet, 'reads' | 'ranges' | 'writes' | 'metadata'>

const publicSet: Read<PublicSet> = (f, trouble) => {
  const reads: KeyRead[] = []
  const ranges: RangeRead[] = []
  const writes: KeyWrite[] = []
  const metadata: MetadataWrite[] = []
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) reads.push(publicRead(inner, trouble))
    else if (isBytes(inner, 2)) ranges.push(rangeRead(inner, trouble))
    else if (isBytes(inner, 3)) writes.push(publicWrite(inner, trouble))
    else if (isBytes(inner, 4)) metadata.push(metadataWrite(inner, trouble))
  }
  trouble.bad ||= inner.bad
  return { reads, ranges, writes, metadata }
}

const nothing: PublicSet = { reads: [], ranges: [], writes: [], metadata: [] }

const namespaceSet: Read<NamespaceSet> = (f, trouble) => {
  let namespace = ''
  let own = nothing
  const collections: CollectionSet[] = []
  const inner = within(f)
  while (nextField(inner)) {
    if (isBytes(inner, 1)) namespace = text(inner, trouble).toString()
    else if (isBytes(inner, 2)) own = publicSet(inner, trouble)
    else if (isBytes(inner, 3)) collections.push(collectionSet(inner, trouble))
  }
  trouble.bad ||= inner.bad
  return { namespace, ...own, collections }
}

/** Reads a serialized read and write set; undefined where it is none. */
export const parseReadWriteSet = (bytes: Buffer): readonly NamespaceSet[] | undefined => {
  const sets: NamespaceSet[] = []
  const trouble: Trouble = { bad: false }
  const f = fieldsOf(bytes)
  while (nextField(f)) if (isBytes(f, 2)) sets.push(namespaceSet(f, trouble))
  return f.bad || trouble.bad ? undefined : sets
}
