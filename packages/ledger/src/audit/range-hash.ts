import { ledger } from '@hyperledger/fabric-protos'
import { sha256 } from '../chain/block.ts'
import type { KeyVersion } from './key-versions.ts'

const { KVRead, QueryReads, Version } = ledger.rwset.kvrwset

/** A key of a range with its version. */
export interface RangeResult {
  /** Binary text. */
  readonly key: string
  readonly version: KeyVersion
}

const leafOf = (results: readonly RangeResult[]): Buffer => {
  const message = new QueryReads()
  for (const { key, version } of results) {
    const read = new KVRead()
    read.setKey(Buffer.from(key, 'latin1').toString())
    const at = new Version()
    at.setBlockNum(version.block)
    at.setTxNum(version.place)
    read.setVersion(at)
    message.addKvReads(read)
  }
  return sha256(message.serializeBinary())
}

interface Tree {
  readonly levels: Map<number, Buffer[]>
  top: number
}

const push = (tree: Tree, level: number, hash: Buffer): Buffer[] => {
  const hashes = [...(tree.levels.get(level) ?? []), hash]
  tree.levels.set(level, hashes)
  tree.top = Math.max(tree.top, level)
  return hashes
}

const add = (tree: Tree, leaf: Buffer, degree: number): void => {
  let level = 1
  let hashes = push(tree, level, leaf)
  while (hashes.length > degree) {
    tree.levels.delete(level)
    level += 1
    hashes = push(tree, level, sha256(...hashes))
  }
}

const finish = (tree: Tree, degree: number): void => {
  for (let level = 1; level < tree.top; level++) {
    const hashes = tree.levels.get(level) ?? []
    const [first] = hashes
    tree.levels.delete(level)
    if (first !== undefined) push(tree, level + 1, hashes.length === 1 ? first : sha256(...hashes))
  }
  const hashes = tree.levels.get(tree.top) ?? []
  if (hashes.length > degree) {
    tree.levels.delete(tree.top)
    push(tree, tree.top + 1, sha256(...hashes))
  }
}

/** The top of the Merkle tree over the results of a range query, as Fabric puts it into a read set. */
export const rangeSummary = (
  results: readonly RangeResult[],
  degree: number
): { readonly level: number; readonly hashes: readonly Buffer[] } => {
  const tree: Tree = { levels: new Map(), top: 1 }
  for (let at = 0; at < results.length; at += degree + 1) add(tree, leafOf(results.slice(at, at + degree + 1)), degree)
  finish(tree, degree)
  return { level: tree.top, hashes: tree.levels.get(tree.top) ?? [] }
}
