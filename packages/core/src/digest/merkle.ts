import { sha256 } from '../hash/sha256.ts'

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

/** RFC 6962 leaf hash: SHA-256(0x00 ‖ data), the data given in parts; 32 bytes. */
export const leafHash = (...data: readonly Uint8Array[]): Uint8Array => sha256(leafPrefix, ...data)

/** RFC 6962 node hash: SHA-256(0x01 ‖ left ‖ right); 32 bytes. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(nodePrefix, left, right)

/** Largest power of two smaller than n (n > 1): where RFC 6962 splits a list. */
export const splitPoint = (n: number): number => {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** RFC 6962 Merkle tree hash of a list of leaf hashes; of no leaves, SHA-256 of nothing. */
export const merkleRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  if (leaves.length === 0) return sha256()
  let level = leaves
  // Pairing neighbours and carrying an odd last one up gives the same tree as splitting at powers of two.
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let i = 0; i + 1 < level.length; i += 2)
      next.push(nodeHash(level[i] as Uint8Array, level[i + 1] as Uint8Array))
    if (level.length % 2 === 1) next.push(level[level.length - 1] as Uint8Array)
    level = next
  }
  return level[0] as Uint8Array
}

const isPlace = (index: number, size: number): boolean => Number.isSafeInteger(index) && index >= 0 && index < size

/** The audit path of leaf `index` (RFC 6962, section 2.1.1), from the leaf up; RangeError outside the list. */
export const inclusionProof = (leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] => {
  if (!isPlace(index, leaves.length)) throw new RangeError(`leaf ${index} of ${leaves.length}`)
  if (leaves.length === 1) return []
  const k = splitPoint(leaves.length)
  return index < k
    ? [...inclusionProof(leaves.slice(0, k), index), merkleRoot(leaves.slice(k))]
    : [...inclusionProof(leaves.slice(k), index - k), merkleRoot(leaves.slice(0, k))]
}

/** The root that an audit path leads to, or undefined where the path cannot belong to that index and size. */
export const rootOfProof = (
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[]
): Uint8Array | undefined => {
  if (!isPlace(index, size)) return undefined
  let [node, last, hash] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return undefined
    const isRight = node % 2 === 1 || node === last
    hash = isRight ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    // A last node without a neighbour goes up as it is.
    while (isRight && node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)]
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  return last === 0 ? hash : undefined
}
