import { validationCodes as Code } from '../chain/validation-code.ts'
import type { PackedReads, RangeFinding, SpaceFinding } from './finding.ts'
import { keyHasher, keyHashes } from './key-hash.ts'
import { newKeyOrder, type KeyOrder } from './key-order.ts'
import { newKeyVersions, type KeyVersion } from './key-versions.ts'
import { rangeSummary, type RangeResult } from './range-hash.ts'

/** The state as far as validation needs it: which version every key has, and for ranges which keys there are. */
export interface WorldState {
  /** `VALID`, `MVCC_READ_CONFLICT` or `PHANTOM_READ_CONFLICT`; undefined where a range can no longer be checked. */
  readonly validate: (spaces: readonly SpaceFinding[], block: number) => number | undefined
  readonly apply: (spaces: readonly SpaceFinding[], block: number, place: number) => void
  /** The policy of its own that a key has. */
  readonly keyPolicy: (hash: string) => Uint8Array | undefined
  readonly hasKeyPolicies: () => boolean
}

// Beyond this the keys of a namespace are no longer kept in order: memory stays bounded, and the report says so.
const mostOrderedKeys = 2_000_000

const live = (version: KeyVersion | undefined): KeyVersion | undefined =>
  version?.deleted === true ? undefined : version

/** Begins with the empty state of a new chain. */
export const newWorldState = (orderedKeys = mostOrderedKeys): WorldState => {
  const versions = newKeyVersions()
  const orders = new Map<string, KeyOrder>()
  const crowded = new Set<string>()
  const policies = new Map<string, Uint8Array>()
  let ordered = 0

  const readsHold = (reads: PackedReads, block: number): boolean => {
    for (let i = 0; i < reads.length; i += 3) {
      const found = versions.get(String(reads[i]))
      // Written in this very block, by a transaction before: whatever was read, it has changed since.
      if (found?.block === block) return false
      const wanted = Number(reads[i + 1])
      const current = live(found)
      if (current === undefined ? wanted !== -1 : current.block !== wanted || current.place !== reads[i + 2])
        return false
    }
    return true
  }

  const resultsOf = (namespace: string, order: KeyOrder, range: RangeFinding): readonly RangeResult[] => {
    const hashed = keyHasher(namespace)
    const results: RangeResult[] = []
    for (const key of order.range(range.start, range.end, !range.exhausted)) {
      const version = live(versions.get(hashed(Buffer.from(key, 'latin1'))))
      if (version !== undefined) results.push({ key, version })
    }
    return results
  }

  const rangeHolds = (namespace: string, range: RangeFinding): boolean => {
    const results = resultsOf(namespace, orders.get(namespace) ?? newKeyOrder(), range)
    const { summary, reads } = range
    if (summary !== undefined) {
      if (summary.degree < 2) return false
      const own = rangeSummary(results, summary.degree)
      return (
        own.level === summary.level &&
        own.hashes.length === summary.hashes.length &&
        own.hashes.every((hash, i) => hash.toString('hex') === summary.hashes[i])
      )
    }
    return (
      reads.length === results.length &&
      reads.every(({ key, block, place }, i) => {
        const found = results[i]
        return found?.key === key && found.version.block === block && found.version.place === place
      })
    )
  }

  const validate: WorldState['validate'] = (spaces, block) => {
    for (const { namespace, reads = [], ranges = [], hashedReads = [] } of spaces) {
      if (!readsHold(reads, block)) return Code.MVCC_READ_CONFLICT
      if (ranges.length > 0 && crowded.has(namespace)) return undefined
      if (!ranges.every(range => rangeHolds(namespace, range))) return Code.PHANTOM_READ_CONFLICT
      if (!readsHold(hashedReads, block)) return Code.MVCC_READ_CONFLICT
    }
    return Code.VALID
  }

  const order = (space: SpaceFinding): void => {
    const { namespace, keys, publicDeletes = 0 } = space
    if (keys === undefined) crowded.add(namespace)
    if (keys === undefined || crowded.has(namespace)) return
    const own = orders.get(namespace) ?? newKeyOrder()
    orders.set(namespace, own)
    const before = own.size()
    const puts = keys.length - publicDeletes
    keys.forEach((key, i) => (i < puts ? own.add(key) : own.remove(key)))
    ordered += own.size() - before
    if (ordered <= orderedKeys) return
    ordered -= own.size()
    orders.delete(namespace)
    crowded.add(namespace)
  }

  const apply: WorldState['apply'] = (spaces, block, place) => {
    for (const space of spaces) {
      for (const key of keyHashes(space.writes)) versions.set(key, { block, place, deleted: false })
      for (const key of keyHashes(space.deletes)) {
        versions.set(key, { block, place, deleted: true })
        policies.delete(key)
      }
      for (const { key, policy } of space.keyPolicies ?? []) {
        const current = live(versions.get(key))
        if (current !== undefined) versions.set(key, { block, place, deleted: false })
        if (policy === undefined || policy.length === 0 || current === undefined) policies.delete(key)
        else policies.set(key, policy)
      }
      order(space)
    }
  }

  return { validate, apply, keyPolicy: hash => policies.get(hash), hasKeyPolicies: () => policies.size > 0 }
}
