import * as E from 'fp-ts/lib/Either.js'
import { leafHash, merkleRoot, nodeHash, splitPoint } from '../digest/merkle.ts'
import { newError, type BimsError, type Issue } from '../errors.ts'
import { fromBase64, fromHex, toBase64, toHex } from '../json/bytes.ts'
import { canonicalBytes } from '../json/canonical.ts'
import { toJson } from '../json/value.ts'
import type { KeptLeaf, RemovedSubtree, Step } from './macro.ts'

/** Leaf of a step: SHA-256(0x00 ‖ salt ‖ canonical step). */
const stepLeaf = (step: Step, salt: Uint8Array): Uint8Array => leafHash(salt, canonicalBytes(toJson(step)))

/** A full log committed to by one root. */
export interface CommittedLog {
  /** Root of the RFC 6962 tree over all steps, hex. */
  readonly root: string
  readonly size: number
  /** What is told of the log when only some steps are kept, left to right. */
  readonly tree: readonly (KeptLeaf | RemovedSubtree)[]
}

/**
 * Commits to a full log and redacts it to the kept steps.
 * `salts` holds 16 random bytes for each step; with fewer the salt of a later step is missing, a RangeError.
 */
export const redactSteps = (
  steps: readonly Step[],
  salts: readonly Uint8Array[],
  kept: ReadonlySet<number>
): CommittedLog => {
  const saltOf = (i: number): Uint8Array => {
    const salt = salts[i]
    if (salt?.length !== 16) throw new RangeError(`step ${i} has no salt of 16 bytes`)
    return salt
  }
  const leaves = steps.map((step, i) => stepLeaf(step, saltOf(i)))
  const cover = (from: number, count: number): readonly (KeptLeaf | RemovedSubtree)[] => {
    const removed = !leaves.slice(from, from + count).some((_, i) => kept.has(from + i))
    if (removed) return [{ from, count, hash: toHex(merkleRoot(leaves.slice(from, from + count))) }]
    if (count === 1) return [{ step: from, salt: toBase64(saltOf(from)) }]
    const left = splitPoint(count)
    return [...cover(from, left), ...cover(from + left, count - left)]
  }
  return { root: toHex(merkleRoot(leaves)), size: steps.length, tree: steps.length === 0 ? [] : cover(0, steps.length) }
}

const isRemoved = (entry: KeptLeaf | RemovedSubtree): entry is RemovedSubtree => 'hash' in entry

/** A node of the tree that is being rebuilt; `removed` where one entry stands for it. */
interface Node {
  readonly hash: Uint8Array
  readonly removed: boolean
}

/** Reads the tree from left to right and computes its root; what does not fit is an issue. */
const rebuild = (
  size: number,
  tree: readonly (KeptLeaf | RemovedSubtree)[],
  steps: ReadonlyMap<number, Step>
): { readonly root: Uint8Array | undefined; readonly issues: readonly Issue[] } => {
  const issues: Issue[] = []
  let next = 0
  const report = (what: string): undefined => {
    issues.push({ at: `/redaction/tree/${next}`, what })
  }
  const kept = (from: number, { salt: text, step: index }: KeptLeaf): Node | undefined => {
    const step = steps.get(from)
    const salt = fromBase64(text)
    if (index !== from || step === undefined || salt?.length !== 16)
      return report(`step ${from} is not there, or its salt is not 16 bytes`)
    next++
    return { hash: stepLeaf(step, salt), removed: false }
  }
  const removed = ({ count, from, hash: text, ...more }: RemovedSubtree): Node | undefined => {
    const hash = fromHex(text)
    if (hash?.length !== 32 || 'step' in more) return report(`the removed steps from ${from} (${count}) have no hash`)
    next++
    return { hash, removed: true }
  }
  const inner = (from: number, count: number): Node | undefined => {
    const split = splitPoint(count)
    const left = node(from, split)
    const right = left === undefined ? undefined : node(from + split, count - split)
    if (left === undefined || right === undefined) return undefined
    return left.removed && right.removed
      ? report(`the removed steps from ${from} (${count}) are not one subtree`)
      : { hash: nodeHash(left.hash, right.hash), removed: false }
  }
  const node = (from: number, count: number): Node | undefined => {
    const entry = tree[next]
    if (entry === undefined) return report(`nothing covers the steps from ${from}`)
    if (isRemoved(entry) && entry.from === from && entry.count === count) return removed(entry)
    if (count > 1) return inner(from, count)
    return isRemoved(entry)
      ? report(`expected step ${from}, found the removed steps from ${entry.from}`)
      : kept(from, entry)
  }
  const root = size === 0 ? merkleRoot([]) : node(0, size)?.hash
  if (root !== undefined && next !== tree.length)
    issues.push({ at: `/redaction/tree/${next}`, what: 'more entries than the log has steps' })
  return { root, issues }
}

/**
 * Verifies that the kept steps stand unchanged, at their places, in a log of `size` steps with that root.
 * Time and memory grow with the number of entries, whatever `size` claims. Fails with `proof-invalid`.
 */
export const verifyRedaction = (
  head: { readonly size: number; readonly root: string },
  tree: readonly (KeptLeaf | RemovedSubtree)[],
  steps: readonly Step[]
): E.Either<BimsError, void> => {
  const byIndex = new Map(steps.map(step => [step.index, step]))
  const { issues, root } = rebuild(head.size, tree, byIndex)
  const kept = tree.filter(entry => !isRemoved(entry)).length
  const unordered = steps.findIndex((step, i) => i > 0 && step.index <= (steps[i - 1]?.index ?? -1))
  const all: readonly Issue[] = [
    ...issues,
    ...(unordered < 0
      ? []
      : [{ at: `/steps/${unordered}`, what: `step ${steps[unordered]?.index ?? 0} does not stand in its place` }]),
    ...(kept === steps.length && byIndex.size === steps.length
      ? []
      : [{ at: '/steps', what: `${steps.length} steps for ${kept} kept leaves` }]),
    ...(root !== undefined && toHex(root) !== head.root
      ? [{ at: '/head/root', what: `the steps lead to ${toHex(root)}, not to ${head.root}` }]
      : [])
  ]
  return all.length === 0
    ? E.right(undefined)
    : E.left(
        newError(
          'proof-invalid',
          `The steps do not lead to the recorded root of the log: ${all[0]?.what}.`,
          'A step, a salt or the proof was changed after saving.',
          { issues: all }
        )
      )
}
