import { type ledger, peer } from '@hyperledger/fabric-protos'
import { sameHeight } from './height.ts'
import { byUtf8, sameBytes } from '../protobuf/messages.ts'
import { newRangeReads, readOf } from './range-reads.ts'
import { versionOf } from './read-write-set.ts'
import type { NamespaceSet } from './read-write-set.ts'
import type { NamedState, StateStore } from './state-store.ts'
import type { BlockUpdates } from './updates.ts'

const Code = peer.TxValidationCode
type RangeQueryInfo = ledger.rwset.kvrwset.RangeQueryInfo

const readsHold = (state: StateStore, updates: BlockUpdates, set: NamespaceSet): boolean =>
  set.reads.every(
    read =>
      !updates.has(set.namespace, read.key) && sameHeight(state.get(set.namespace, read.key)?.version, read.version)
  )

interface Walk {
  readonly next: () => Promise<Pick<NamedState, 'key' | 'version'> | undefined>
  readonly close: () => Promise<void>
}

// The state as it will be after the transactions before this one in the block: what they wrote hides what was there.
const combinedRange = (
  state: StateStore,
  updates: BlockUpdates,
  namespace: string,
  start: string,
  end: string
): Walk => {
  const written = updates.within(namespace, start, end)
  const cursor = state.range(namespace, start, end)
  let at = 0
  let stored: Promise<NamedState | undefined> | undefined
  const next: Walk['next'] = async () => {
    for (;;) {
      stored ??= cursor.next()
      const old = await stored
      const fresh = written[at]
      if (fresh === undefined || (old !== undefined && byUtf8(old.key, fresh[0]) < 0)) {
        stored = undefined
        return old
      }
      if (old !== undefined && old.key === fresh[0]) stored = undefined
      at += 1
      if (fresh[1] !== undefined) return { key: fresh[0], version: fresh[1].version }
    }
  }
  return { next, close: () => cursor.close() }
}

const sameRawReads = async (walk: Walk, info: RangeQueryInfo): Promise<boolean> => {
  for (const read of info.getRawReads()?.getKvReadsList() ?? []) {
    const found = await walk.next()
    if (found === undefined || found.key !== read.getKey() || !sameHeight(found.version, versionOf(read))) return false
  }
  return (await walk.next()) === undefined
}

const sameHashedReads = async (walk: Walk, wanted: ledger.rwset.kvrwset.QueryReadsMerkleSummary): Promise<boolean> => {
  if (wanted.getMaxDegree() < 2) return false
  const reads = newRangeReads(wanted.getMaxDegree())
  for (let found = await walk.next(); found !== undefined; found = await walk.next())
    reads.add(readOf(found.key, found.version))
  const { summary } = reads.done()
  if (summary === undefined || summary.getMaxLevel() !== wanted.getMaxLevel()) return false
  const hashes = summary.getMaxLevelHashesList_asU8()
  const expected = wanted.getMaxLevelHashesList_asU8()
  return (
    hashes.length === expected.length && hashes.every((hash, i) => sameBytes(hash, expected[i] ?? new Uint8Array()))
  )
}

const rangeHolds = async (
  state: StateStore,
  updates: BlockUpdates,
  namespace: string,
  info: RangeQueryInfo
): Promise<boolean> => {
  // A query that was not read to its end ends, inclusively, at the last key that it returned.
  const end = info.getItrExhausted() || info.getEndKey() === '' ? info.getEndKey() : `${info.getEndKey()}\0`
  const walk = combinedRange(state, updates, namespace, info.getStartKey(), end)
  try {
    const hashes = info.getReadsMerkleHashes()
    return hashes === undefined ? await sameRawReads(walk, info) : await sameHashedReads(walk, hashes)
  } finally {
    await walk.close()
  }
}

const rangesHold = async (state: StateStore, updates: BlockUpdates, set: NamespaceSet): Promise<boolean> => {
  for (const info of set.ranges) if (!(await rangeHolds(state, updates, set.namespace, info))) return false
  return true
}

/** Says whether what a transaction read still stands, with the block's earlier writes taken into account. */
export const validateReads = async (
  state: StateStore,
  updates: BlockUpdates,
  sets: readonly NamespaceSet[]
): Promise<number> => {
  for (const set of sets) {
    if (!readsHold(state, updates, set)) return Code.MVCC_READ_CONFLICT
    if (!(await rangesHold(state, updates, set))) return Code.PHANTOM_READ_CONFLICT
  }
  return Code.VALID
}
