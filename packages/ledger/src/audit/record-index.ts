import {
  compositeKey,
  mayName,
  namesOf,
  termHash,
  termsOf,
  unpackRun,
  toJson,
  transactionKey,
  type JsonValue,
  type LedgerKind,
  type Posting,
  type StateKeyType,
  type Term
} from '@bims/core/ledger-state'
import * as E from 'fp-ts/lib/Either.js'

/** A record of a page, as its transaction named it. */
export interface PlacedRecord {
  readonly id: string
  readonly kind: LedgerKind
  /** 0-based place in the page. */
  readonly at: number
  readonly content: Uint8Array
}

/** What a transaction wrote into the public state of the BIMS chaincode. */
export type PublicWrites = ReadonlyMap<string, Buffer | undefined>

type Places = Map<string, number[]>

const put = (places: Places, name: string, at: number): void => {
  const found = places.get(name)
  if (found === undefined) places.set(name, [at])
  else if (found.at(-1) !== at) found.push(at)
}

interface Expected {
  /** Places by name of the term: its hash where the index is packed, else type and text as in the key. */
  readonly terms: Places
  readonly kinds: Places
  readonly instruments: Places
}

// What an ordinary parser gives of canonical bytes whose id was just compared; bounds were the chaincode's to check.
const parsed = (content: Buffer): JsonValue => {
  try {
    const value: unknown = JSON.parse(content.toString())
    return typeof value === 'object' && value !== null ? toJson(value) : null
  } catch {
    return null
  }
}

const nameless: ReturnType<typeof namesOf> = E.right([])

// Most records of most kinds name nothing, and to parse one takes longer than all else that is done for its index.
const namesIn = ({ content, kind }: PlacedRecord): ReturnType<typeof namesOf> => {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
  return mayName(kind, bytes.toString('latin1')) ? namesOf(kind, parsed(bytes)) : nameless
}

const expectedOf = (records: readonly PlacedRecord[], nameOf: (term: Term) => string): Expected | undefined => {
  const terms: Places = new Map()
  const kinds: Places = new Map()
  const instruments: Places = new Map()
  for (const record of records) {
    const { id, kind, at } = record
    const names = namesIn(record)
    if (E.isLeft(names)) return undefined
    put(kinds, kind, at)
    for (const { role, text } of names.right) if (role === 'instrument') put(instruments, text, at)
    for (const term of termsOf(id, names.right)) put(terms, nameOf(term), at)
  }
  return { terms, kinds, instruments }
}

/** A key that was written. Its attributes are read where they are asked for. */
interface Written {
  readonly key: string
  /** Where the first attribute begins. */
  readonly from: number
  readonly value: Buffer
}

/** What was written, by type of its key. */
type WrittenByType = ReadonlyMap<string, readonly Written[]>

const separator = '\u0000'

const byType = (writes: PublicWrites): WrittenByType => {
  const found = new Map<string, Written[]>()
  for (const [key, value] of writes) {
    if (value === undefined || !key.startsWith(separator)) continue
    const from = key.indexOf(separator, 1) + 1
    const type = key.slice(1, from - 1)
    const same = found.get(type)
    if (same === undefined) found.set(type, [{ key, from, value }])
    else same.push({ key, from, value })
  }
  return found
}

/** The first attributes of a key, so many of them, parted as in the key. */
const attributesOf = ({ key, from }: Written, count: number): string => {
  let end = from - 1
  for (let i = 0; i < count; i++) {
    const next = key.indexOf(separator, end + 1)
    if (next < 0) return key.slice(from)
    end = next
  }
  return key.slice(from, end)
}

const writtenOf = (written: WrittenByType, type: StateKeyType): readonly Written[] => written.get(type) ?? []

const text = (places: readonly number[]): string => `{"at":[${places.join(',')}]}`

// Every name has one key with its places, and there is no key for any other name.
const compare = (
  what: string,
  expected: ReadonlyMap<string, readonly number[]>,
  written: readonly Written[],
  attributes: number
): readonly string[] => {
  const right = new Set<string>()
  let strange = 0
  for (const one of written) {
    const name = attributesOf(one, attributes)
    const places = expected.get(name)
    if (places === undefined || right.has(name)) strange += 1
    else if (one.value.toString('latin1') === text(places)) right.add(name)
  }
  const missing = expected.size - right.size
  return [
    ...(missing === 0 ? [] : [`${missing} ${what} of its records are missing or wrong`]),
    ...(strange === 0 ? [] : [`${strange} ${what} are of no record of it`])
  ]
}

const isIn = (posting: Posting, transaction: string, bucket = ''): boolean =>
  posting.transaction === transaction && posting.hash.startsWith(bucket)

const compareRuns = (
  transaction: string,
  expected: ReadonlyMap<string, readonly number[]>,
  runs: readonly Written[]
): readonly string[] => {
  const wanted = new Set([...expected].flatMap(([hash, places]) => places.map(at => `${hash} ${at}`)))
  const count = wanted.size
  let strange = 0
  for (const run of runs) {
    const [level, bucket] = attributesOf(run, 2).split(separator)
    const postings = level === '0' ? unpackRun(run.value) : undefined
    if (postings === undefined) return ['a run of its index cannot be read']
    strange += postings.filter(one => !isIn(one, transaction, bucket) || !wanted.delete(`${one.hash} ${one.at}`)).length
  }
  return wanted.size === 0 && strange === 0
    ? []
    : [`${wanted.size} of ${count} entries of its index are missing, ${strange} are of no record of it`]
}

const entryName = ({ type, text }: Term): string => `${type}${separator}${text}`

/** Whether a transaction was made by version 1 of the chaincode, which kept a key a submission. */
const isVersion1 = (writes: PublicWrites, transaction: string): boolean =>
  writes.get(compositeKey(transactionKey(transaction))) === undefined

const version1Problems = (records: readonly PlacedRecord[], writes: WrittenByType): readonly string[] => {
  const submitted = new Set(writtenOf(writes, 'submission').map(one => attributesOf(one, 1)))
  const missing = new Set(records.filter(({ id }) => !submitted.has(id)).map(({ id }) => id)).size
  return missing === 0 ? [] : [`${missing} records have no key by which they are found`]
}

/** Compares the keys that a transaction wrote with those under which its records are to be found; says what differs. */
export const indexProblems = (
  transaction: string,
  records: readonly PlacedRecord[],
  writes: PublicWrites
): readonly string[] => {
  const written = byType(writes)
  if (isVersion1(writes, transaction)) return version1Problems(records, written)
  const runs = writtenOf(written, 'run')
  const expected = expectedOf(records, runs.length > 0 ? termHash : entryName)
  if (expected === undefined) return ['a record names others by something that is not an id']
  return [
    ...(runs.length > 0
      ? compareRuns(transaction, expected.terms, runs)
      : compare('index keys', expected.terms, writtenOf(written, 'entry'), 2)),
    ...compare('log keys', expected.kinds, writtenOf(written, 'log'), 1),
    ...compare('keys of instruments', expected.instruments, writtenOf(written, 'acquired'), 1)
  ]
}
