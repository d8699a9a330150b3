import { ledger } from '@hyperledger/fabric-protos'
import type { Height } from './height.ts'
import { metadataEntries, type KeyMetadata } from './key-metadata.ts'
import { sortedEntries } from '../protobuf/messages.ts'
import { newPrivateSimulation } from './private-data/private-simulation.ts'
import type { PrivateSimulation, PrivateView } from './private-data/private-simulation.ts'
import { newRangeReads, readOf } from './range-reads.ts'
import type { RangeReads } from './range-reads.ts'
import type { NamedState, StateView } from './state-store.ts'
import { keyPolicyEntry } from './state-value.ts'

const { KVMetadataWrite, KVRWSet, KVWrite, QueryReads, RangeQueryInfo } = ledger.rwset.kvrwset

/** A range query under way; what it returns is remembered for validation. */
export interface RangeQuery {
  readonly next: () => Promise<NamedState | undefined>
  /** The key after the last result, for a bookmark; it does not count as read. */
  readonly following: () => Promise<string>
}

/** What one chaincode does in an execution, against the state as it was when the execution began. */
export interface Simulation {
  readonly get: (key: string) => Uint8Array | undefined
  readonly put: (key: string, value: Uint8Array) => void
  readonly del: (key: string) => void
  readonly metadata: (key: string) => KeyMetadata
  /** Writes what is to stand beside a key's value, in place of all that stands there. */
  readonly setMetadata: (key: string, metadata: KeyMetadata) => void
  readonly range: (start: string, end: string, paginated: boolean) => RangeQuery
  /** Where a key was written, newest first. History takes no part in validation, as in Fabric. */
  readonly history: (key: string) => { readonly next: () => Promise<Height | undefined> }
  /** Private collections; public and private requests keep each other's rules. */
  readonly collections: PrivateSimulation
  /** Whether something was written into the public state. */
  readonly writesPublic: () => boolean
  /** Endorsement policies of the keys that were written, and whether there are others, for which the chaincode's counts. */
  readonly keyPolicies: () => { readonly policies: readonly Uint8Array[]; readonly others: boolean }
  /** Its part of the read and write set. */
  readonly set: () => ledger.rwset.NsReadWriteSet
  /** Gives back what the execution held; may be called twice. */
  readonly close: () => Promise<void>
}

interface OpenRange {
  readonly info: ledger.rwset.kvrwset.RangeQueryInfo
  readonly reads: RangeReads
}

interface Recorded {
  readonly reads: Map<string, Height | undefined>
  readonly writes: Map<string, Uint8Array | undefined>
  readonly ranges: OpenRange[]
  readonly metadata: Map<string, KeyMetadata>
}

const writeOf = (key: string, value: Uint8Array | undefined): ledger.rwset.kvrwset.KVWrite => {
  const write = new KVWrite()
  write.setKey(key)
  if (value === undefined) write.setIsDelete(true)
  else write.setValue(value)
  return write
}

const metadataWrite = (key: string, metadata: KeyMetadata): ledger.rwset.kvrwset.KVMetadataWrite => {
  const write = new KVMetadataWrite()
  write.setKey(key)
  write.setEntriesList(metadataEntries(metadata))
  return write
}

const finishRange = ({ info, reads }: OpenRange): ledger.rwset.kvrwset.RangeQueryInfo => {
  const { raw, summary } = reads.done()
  if (raw !== undefined) {
    const message = new QueryReads()
    message.setKvReadsList([...raw])
    info.setRawReads(message)
  }
  if (summary !== undefined) info.setReadsMerkleHashes(summary)
  return info
}

const distinctRanges = (ranges: readonly OpenRange[]): readonly ledger.rwset.kvrwset.RangeQueryInfo[] => {
  const distinct = new Map<string, ledger.rwset.kvrwset.RangeQueryInfo>()
  for (const range of ranges) {
    const key = JSON.stringify([range.info.getStartKey(), range.info.getEndKey(), range.info.getItrExhausted()])
    if (!distinct.has(key)) distinct.set(key, finishRange(range))
  }
  return [...distinct.values()]
}

const setOf = (namespace: string, recorded: Recorded, collections: PrivateSimulation): ledger.rwset.NsReadWriteSet => {
  const set = new KVRWSet()
  set.setReadsList(sortedEntries(recorded.reads).map(([key, version]) => readOf(key, version)))
  set.setRangeQueriesInfoList([...distinctRanges(recorded.ranges)])
  set.setWritesList(sortedEntries(recorded.writes).map(([key, value]) => writeOf(key, value)))
  set.setMetadataWritesList(sortedEntries(recorded.metadata).map(([key, metadata]) => metadataWrite(key, metadata)))
  const own = new ledger.rwset.NsReadWriteSet()
  own.setNamespace(namespace)
  own.setRwset(set.serializeBinary())
  own.setCollectionHashedRwsetList([...collections.messages()])
  return own
}

const maxKeyBytes = 64 * 1024

const checkKey = (key: string): void => {
  if (key === '') throw new Error('key must not be an empty string')
  if (Buffer.byteLength(key) > maxKeyBytes) throw new Error(`key is longer than ${maxKeyBytes} bytes`)
}

/** What all chaincodes of one execution share. */
export interface SimulationRules {
  /** The state as it was when the execution first looked. */
  readonly viewed: () => StateView
  /** Throw where Fabric allows no write, or no such query, any more. */
  readonly checkWrite: () => void
  readonly checkPaginated: () => void
  readonly checkPrivateQuery: () => void
  /** Whether keys of a namespace have endorsement policies of their own. */
  readonly guarded: (namespace: string) => boolean
}

/** Begins the part of a chaincode's namespace in an execution. */
export const newSimulation = (rules: SimulationRules, namespace: string, privateView: PrivateView): Simulation => {
  const { viewed, checkPaginated, checkPrivateQuery, checkWrite, guarded } = rules
  const recorded: Recorded = { reads: new Map(), writes: new Map(), ranges: [], metadata: new Map() }
  const cursors: { close: () => Promise<void> }[] = []
  const collections = newPrivateSimulation(namespace, privateView, {
    viewed,
    checkWrite: key => {
      checkKey(key)
      checkWrite()
    },
    checkPrivateQuery,
    guarded
  })
  const read = (key: string): ReturnType<StateView['get']> => {
    const found = viewed().get(namespace, key)
    if (!recorded.reads.has(key)) recorded.reads.set(key, found?.version)
    return found
  }

  const range = (start: string, end: string, paginated: boolean): RangeQuery => {
    if (paginated) checkPaginated()
    const cursor = viewed().range(namespace, start, end)
    cursors.push(cursor)
    const info = new RangeQueryInfo()
    info.setStartKey(start)
    const reads = newRangeReads()
    recorded.ranges.push({ info, reads })
    return {
      following: async () => (await cursor.next())?.key ?? '',
      next: async () => {
        const found = await cursor.next()
        if (found === undefined) {
          info.setItrExhausted(true)
          info.setEndKey(end)
        } else {
          reads.add(readOf(found.key, found.version))
          info.setEndKey(found.key)
        }
        return found
      }
    }
  }

  const writesPublic = (): boolean => recorded.writes.size + recorded.metadata.size > 0

  return {
    get: key => read(key)?.value,
    put: (key, value) => {
      checkKey(key)
      checkWrite()
      recorded.writes.set(key, value.length === 0 ? undefined : value)
    },
    del: key => {
      checkKey(key)
      checkWrite()
      recorded.writes.set(key, undefined)
    },
    metadata: key => read(key)?.metadata ?? new Map(),
    setMetadata: (key, metadata) => {
      checkKey(key)
      checkWrite()
      recorded.metadata.set(key, metadata)
    },
    range,
    history: key => {
      const cursor = viewed().history(namespace, key)
      cursors.push(cursor)
      return cursor
    },
    collections,
    writesPublic,
    keyPolicies: () => {
      if (!guarded(namespace)) return { policies: [], others: writesPublic() }
      const keys = [...new Set([...recorded.writes.keys(), ...recorded.metadata.keys()])]
      const policies = keys.flatMap(key => viewed().get(namespace, key)?.metadata.get(keyPolicyEntry) ?? [])
      return { policies, others: policies.length < keys.length }
    },
    set: () => setOf(namespace, recorded, collections),
    close: async () => {
      await collections.close()
      for (const cursor of cursors.splice(0)) await cursor.close()
    }
  }
}
