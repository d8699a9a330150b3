import { ledger } from '@hyperledger/fabric-protos'
import { sha256 } from '../protobuf/messages.ts'

const { KVRead, QueryReads, QueryReadsMerkleSummary } = ledger.rwset.kvrwset
type KVReadMessage = ledger.rwset.kvrwset.KVRead

/** How many results of a range query stand in the read set as they are; more are hashed. As in Fabric. */
const maxRawReads = 50

const serialize = (reads: readonly KVReadMessage[]): Uint8Array => {
  const message = new QueryReads()
  message.setKvReadsList([...reads])
  return message.serializeBinary()
}

/** What a range query read, in the form in which it stands in the read set. */
export interface RangeReads {
  readonly add: (read: KVReadMessage) => void
  /** Raw reads, or the top of a Merkle tree over them where they are many. */
  readonly done: () => {
    readonly raw: readonly KVReadMessage[] | undefined
    readonly summary: ledger.rwset.kvrwset.QueryReadsMerkleSummary | undefined
  }
}

interface Tree {
  readonly levels: Map<number, Buffer[]>
  maxLevel: number
}

const push = (tree: Tree, level: number, hash: Buffer): Buffer[] => {
  const hashes = [...(tree.levels.get(level) ?? []), hash]
  tree.levels.set(level, hashes)
  tree.maxLevel = Math.max(tree.maxLevel, level)
  return hashes
}

const update = (tree: Tree, leaf: Buffer, degree: number): void => {
  let level = 1
  let hashes = push(tree, level, leaf)
  while (hashes.length > degree) {
    tree.levels.delete(level)
    level += 1
    hashes = push(tree, level, sha256(...hashes))
  }
}

const finish = (tree: Tree, degree: number): void => {
  for (let level = 1; level < tree.maxLevel; level++) {
    const hashes = tree.levels.get(level) ?? []
    const first = hashes[0]
    tree.levels.delete(level)
    if (first !== undefined) push(tree, level + 1, hashes.length === 1 ? first : sha256(...hashes))
  }
  const top = tree.levels.get(tree.maxLevel) ?? []
  if (top.length > degree) {
    tree.levels.delete(tree.maxLevel)
    push(tree, tree.maxLevel + 1, sha256(...top))
  }
}

/** Collects the reads of one range query; the hashing is that of Fabric, so that its validation agrees. */
export const newRangeReads = (degree = maxRawReads): RangeReads => {
  const tree: Tree = { levels: new Map(), maxLevel: 1 }
  let pending: KVReadMessage[] = []
  const flush = (): void => {
    update(tree, sha256(serialize(pending)), degree)
    pending = []
  }
  return {
    add: read => {
      pending.push(read)
      if (pending.length > degree) flush()
    },
    done: () => {
      if (tree.levels.size === 0) return { raw: pending.length === 0 ? undefined : pending, summary: undefined }
      if (pending.length > 0) flush()
      finish(tree, degree)
      const summary = new QueryReadsMerkleSummary()
      summary.setMaxDegree(degree)
      summary.setMaxLevel(tree.maxLevel)
      summary.setMaxLevelHashesList(tree.levels.get(tree.maxLevel) ?? [])
      return { raw: undefined, summary }
    }
  }
}

/** A read of a key as it stands in read sets. */
export const readOf = (
  key: string,
  version: { readonly block: number; readonly tx: number } | undefined
): KVReadMessage => {
  const read = new KVRead()
  read.setKey(key)
  if (version !== undefined) {
    const message = new ledger.rwset.kvrwset.Version()
    message.setBlockNum(version.block)
    message.setTxNum(version.tx)
    read.setVersion(message)
  }
  return read
}
