import { inflateSync } from 'node:zlib'
import { compositeKey, idOf, ledgerLimits, pageKey, splitPage } from '@bims/core/ledger-state'
import type { Envelope } from '../chain/envelope.ts'
import type { NamespaceSet } from '../chain/read-write-set.ts'
import { calledWith } from './invocation.ts'

/** What was found of the records that a transaction brought. */
export interface RecordFinding {
  readonly records: number
  readonly problems: readonly string[]
}

const nothing: RecordFinding = { records: 0, problems: [] }

const open = (page: Buffer): readonly Uint8Array[] | undefined => {
  try {
    return splitPage(inflateSync(page, { maxOutputLength: ledgerLimits.bytesPerTransaction + 1 }))
  } catch {
    return undefined
  }
}

const namedIds = (argument: string): readonly string[] | undefined => {
  try {
    const value: unknown = JSON.parse(argument)
    const records: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'records') : undefined
    if (!Array.isArray(records)) return undefined
    return records.map((record: unknown) => {
      const id: unknown = typeof record === 'object' && record !== null ? Reflect.get(record, 'id') : undefined
      return typeof id === 'string' ? id : ''
    })
  } catch {
    return undefined
  }
}

const compare = (named: readonly string[], contents: readonly Uint8Array[]): readonly string[] => {
  if (named.length !== contents.length) return [`names ${named.length} records, its page holds ${contents.length}`]
  return contents.flatMap((content, at) => {
    const id = idOf(content)
    return id === named[at] ? [] : [`record ${at} was submitted as ${named[at]}, its content has the id ${id}`]
  })
}

/** Checks the records that a transaction of the BIMS chaincode brought: ids of contents, and the keys under which they are found. */
export const checkRecords = (envelope: Envelope, proposal: Buffer, sets: readonly NamespaceSet[]): RecordFinding => {
  const [name, argument] = calledWith(proposal) ?? []
  if (name === undefined || argument === undefined || !/(^|:)Submit$/.test(name)) return nothing
  const pageName = compositeKey(pageKey(envelope.txId))
  const page = sets.flatMap(({ writes }) => writes).find(({ key }) => key.toString() === pageName)?.value
  if (page === undefined) return nothing
  const contents = open(page)
  const named = namedIds(argument)
  if (contents === undefined || named === undefined)
    return { records: 0, problems: ['its page or its argument cannot be read'] }
  return { records: contents.length, problems: compare(named, contents) }
}
