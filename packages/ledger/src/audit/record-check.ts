import { inflateSync } from 'node:zlib'
import { compositeKey, idOf, isLedgerKind, ledgerLimits, pageKey, splitPage } from '@bims/core/ledger-state'
import type { Envelope } from '../chain/envelope.ts'
import type { NamespaceSet } from '../chain/read-write-set.ts'
import { calledWith } from './invocation.ts'
import { indexProblems, type PlacedRecord, type PublicWrites } from './record-index.ts'

/** What was found of the records that a transaction brought. */
export interface RecordFinding {
  readonly records: number
  readonly problems: readonly string[]
}

const nothing: RecordFinding = { records: 0, problems: [] }

const open = (page: Buffer): readonly Uint8Array[] | undefined => {
  try {
    // Room for a small page at once: the default of 16 KiB a page is most of what inflating it costs.
    const chunkSize = Math.min(Math.max(1024, page.length * 4), 64 * 1024)
    return splitPage(inflateSync(page, { maxOutputLength: ledgerLimits.bytesPerTransaction + 1, chunkSize }))
  } catch {
    return undefined
  }
}

type Named = Pick<PlacedRecord, 'id' | 'kind'>

const member = (u: unknown, name: string): unknown =>
  typeof u === 'object' && u !== null ? Reflect.get(u, name) : undefined

const namedRecord = (u: unknown): Named | undefined => {
  const [id, kind] = [member(u, 'id'), member(u, 'kind')]
  return typeof id === 'string' && isLedgerKind(kind) ? { id, kind } : undefined
}

const namedRecords = (argument: string): readonly (Named | undefined)[] | undefined => {
  try {
    const value: unknown = JSON.parse(argument)
    const records = member(value, 'records')
    return Array.isArray(records) ? records.map(namedRecord) : undefined
  } catch {
    return undefined
  }
}

const wrongIds = (named: readonly (Named | undefined)[], contents: readonly Uint8Array[]): readonly string[] => {
  if (named.length !== contents.length) return [`it names ${named.length} records, its page holds ${contents.length}`]
  return contents.flatMap((content, at) => {
    const id = idOf(content)
    const wanted = named[at]?.id
    return id === wanted ? [] : [`record ${at} was submitted as ${wanted ?? 'nothing'}, its content has the id ${id}`]
  })
}

// Each record once: of one that is named twice the first place counts.
const placed = (named: readonly (Named | undefined)[], contents: readonly Uint8Array[]): readonly PlacedRecord[] => {
  const byId = new Map<string, PlacedRecord>()
  for (const [at, content] of contents.entries()) {
    const record = named[at]
    if (record !== undefined && !byId.has(record.id)) byId.set(record.id, { ...record, at, content })
  }
  return [...byId.values()]
}

// As binary text: what is compared of keys is ASCII, and no key needs to be decoded for it.
const writesOf = (sets: readonly NamespaceSet[]): PublicWrites => {
  const writes = new Map<string, Buffer | undefined>()
  for (const set of sets) for (const { key, value } of set.writes) writes.set(key.toString('latin1'), value)
  return writes
}

const argumentOfSubmit = (proposal: Buffer): string | undefined => {
  const [name = '', argument] = calledWith(proposal) ?? []
  return /(?:^|:)Submit$/.test(name) ? argument : undefined
}

const checkPage = (transaction: string, argument: string, page: Buffer, writes: PublicWrites): RecordFinding => {
  const contents = open(page)
  const named = namedRecords(argument)
  if (contents === undefined || named === undefined)
    return { records: 0, problems: ['its page or its argument cannot be read'] }
  const wrong = wrongIds(named, contents)
  const problems = wrong.length > 0 ? wrong : indexProblems(transaction, placed(named, contents), writes)
  return { records: contents.length, problems }
}

/** Checks the records that a transaction of the BIMS chaincode brought: ids of contents, and the keys under which they are found. */
export const checkRecords = ({ txId }: Envelope, proposal: Buffer, sets: readonly NamespaceSet[]): RecordFinding => {
  const argument = argumentOfSubmit(proposal)
  if (argument === undefined) return nothing
  const writes = writesOf(sets)
  const page = writes.get(compositeKey(pageKey(txId)))
  // A restricted record stands in a private collection, of which blocks hold only hashes.
  return page === undefined ? nothing : checkPage(txId, argument, page, writes)
}
