import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalBytes,
  leafHash,
  merkleRoot,
  redactSteps,
  sha256,
  toBase64,
  toHex,
  toJson,
  verifyRedaction,
  type KeptLeaf,
  type RemovedSubtree,
  type Step
} from '@bims/core'
import { codeOf } from '../fixtures/either.ts'
import { exampleSteps } from '../fixtures/example-log.ts'
import { saltOf, stepSalts } from '../fixtures/salts.ts'
import { bareStep } from './logs.ts'

type Entry = KeptLeaf | RemovedSubtree

const steps = (n: number): readonly Step[] =>
  Array.from({ length: n }, (_, i) => bareStep(i, [`a@${i}`], [`a@${i + 1}`]))
const keptOf = (all: readonly Step[], kept: ReadonlySet<number>): readonly Step[] =>
  all.filter(step => kept.has(step.index))

/** A log, what is kept of it, and its proof. */
const proofOf = (n: number, kept: ReadonlySet<number>) => {
  const all = steps(n)
  const { root, size, tree } = redactSteps(all, stepSalts(n), kept)
  return { all, head: { root, size }, tree, kept: keptOf(all, kept) }
}

const random = fc
  .integer({ min: 0, max: 40 })
  .chain(n => fc.tuple(fc.constant(n), fc.uniqueArray(fc.nat({ max: Math.max(0, n - 1) }), { maxLength: n })))

describe('a redaction', () => {
  it('commits to leaves over salt and canonical step', () => {
    const salts = stepSalts(exampleSteps.length)
    const leaves = exampleSteps.map((step, i) => leafHash(salts[i] as Uint8Array, canonicalBytes(toJson(step))))
    const { root, tree } = redactSteps(exampleSteps, salts, new Set([0, 3, 4, 6]))
    expect(root).toBe(toHex(merkleRoot(leaves)))
    expect(tree).toEqual([
      { step: 0, salt: toBase64(salts[0] as Uint8Array) },
      { from: 1, count: 1, hash: toHex(leaves[1] as Uint8Array) },
      { from: 2, count: 1, hash: toHex(leaves[2] as Uint8Array) },
      { step: 3, salt: toBase64(salts[3] as Uint8Array) },
      { step: 4, salt: toBase64(salts[4] as Uint8Array) },
      { from: 5, count: 1, hash: toHex(leaves[5] as Uint8Array) },
      { step: 6, salt: toBase64(salts[6] as Uint8Array) }
    ])
  })

  it('is verified, for random logs and random kept steps', () => {
    fc.assert(
      fc.property(random, ([n, indexes]) => {
        const { head, kept, tree } = proofOf(n, new Set(indexes))
        expect(codeOf(verifyRedaction(head, tree, kept))).toBe('none')
        expect(JSON.stringify(tree).length).toBeLessThan(200 * (1 + kept.length * (1 + Math.log2(n + 1))))
      }),
      { numRuns: 300 }
    )
  })

  it('of everything or nothing is one entry, or one a step', () => {
    const all = proofOf(13, new Set())
    expect(all.tree).toEqual([{ from: 0, count: 13, hash: all.head.root }])
    expect(codeOf(verifyRedaction(all.head, all.tree, []))).toBe('none')
    expect(proofOf(13, new Set(Array.from({ length: 13 }, (_, i) => i))).tree.every(entry => 'step' in entry)).toBe(
      true
    )
    expect(proofOf(0, new Set())).toMatchObject({ head: { size: 0, root: toHex(sha256()) }, tree: [] })
  })

  it('notices every change of a step, salt, hash, index, order or count', () => {
    fc.assert(
      fc.property(random, fc.nat(), ([n, indexes], which) => {
        fc.pre(n > 0)
        const { head, kept, tree } = proofOf(n, new Set(indexes))
        const at = which % tree.length
        const entry = tree[at] as Entry
        const change = (entries: readonly Entry[]): string => codeOf(verifyRedaction(head, entries, kept))
        const replaced = (other: Entry): string => change(tree.map((old, i) => (i === at ? other : old)))
        const wrong = [
          codeOf(verifyRedaction({ ...head, size: head.size + 1 }, tree, kept)),
          codeOf(verifyRedaction({ ...head, size: head.size - 1 }, tree, kept)),
          codeOf(verifyRedaction({ ...head, size: 2 * head.size + 1 }, tree, kept)),
          codeOf(verifyRedaction({ ...head, root: toHex(sha256()) }, tree, kept)),
          change(tree.filter((_, i) => i !== at)),
          change([...tree, entry]),
          change([entry, ...tree]),
          ...(tree.length > 1 ? [change(tree.toReversed())] : []),
          ...('step' in entry
            ? [
                replaced({ ...entry, step: entry.step + 1 }),
                replaced({ ...entry, salt: toBase64(saltOf('other')) }),
                replaced({ ...entry, salt: toBase64(saltOf('other').slice(1)) }),
                replaced({ ...entry, hash: head.root }),
                codeOf(
                  verifyRedaction(
                    head,
                    tree,
                    kept.filter(step => step.index !== entry.step)
                  )
                ),
                codeOf(
                  verifyRedaction(
                    head,
                    tree,
                    kept.map(step => (step.index === entry.step ? { ...step, doc: 'changed' } : step))
                  )
                ),
                codeOf(
                  verifyRedaction(
                    head,
                    tree,
                    kept.map(step => (step.index === entry.step ? { ...step, index: step.index + 100 } : step))
                  )
                ),
                codeOf(
                  verifyRedaction(
                    head,
                    tree,
                    kept.map(step => (step.index === entry.step ? { ...step, more: 1 } : step))
                  )
                )
              ]
            : [
                replaced({ ...entry, from: entry.from + 1 }),
                replaced({ ...entry, count: entry.count + 1 }),
                replaced({ ...entry, count: entry.count - 1 }),
                replaced({ ...entry, hash: toHex(sha256()) }),
                replaced({ ...entry, hash: '' }),
                replaced({ ...entry, hash: [] } as never),
                replaced({ ...entry, step: entry.from, salt: '' })
              ]),
          ...(kept.length > 1 ? [codeOf(verifyRedaction(head, tree, kept.toReversed()))] : []),
          ...(kept.length > 0 ? [codeOf(verifyRedaction(head, tree, [...kept, kept[0] as Step]))] : []),
          codeOf(verifyRedaction(head, tree, [...kept, bareStep(n + 1, [], [])]))
        ]
        expect(wrong.filter(code => code !== 'proof-invalid')).toEqual([])
      }),
      { numRuns: 300 }
    )
  })

  it('has one form: removed steps that make one subtree are one entry', () => {
    const all = steps(4)
    const leaves = all.map((step, i) => leafHash(stepSalts(4)[i] as Uint8Array, canonicalBytes(toJson(step))))
    const { root } = redactSteps(all, stepSalts(4), new Set())
    const split: readonly Entry[] = [0, 2].map(from => ({
      from,
      count: 2,
      hash: toHex(merkleRoot(leaves.slice(from, from + 2)))
    }))
    expect(codeOf(verifyRedaction({ size: 4, root }, split, []))).toBe('proof-invalid')
    expect(codeOf(verifyRedaction({ size: 4, root }, [{ from: 0, count: 4, hash: root }], []))).toBe('none')
  })

  it('ends fast whatever size it claims', () => {
    const { root, tree } = { ...proofOf(40, new Set([3, 17])), root: toHex(sha256()) }
    for (const size of [2 ** 53 - 1, 2 ** 52 + 1, 1e15, Infinity, NaN, -1, 1.5]) {
      expect(codeOf(verifyRedaction({ size, root }, tree, keptOf(steps(40), new Set([3, 17]))))).toBe('proof-invalid')
    }
    const size = 2 ** 53 - 1
    const many: readonly Entry[] = Array.from({ length: 100_000 }, (_, i) => ({ from: i, count: 1, hash: root }))
    expect(codeOf(verifyRedaction({ size, root }, many, []))).toBe('proof-invalid')
    // One huge subtree is a log of that many steps, none of which is told.
    expect(E.isRight(verifyRedaction({ size, root }, [{ from: 0, count: size, hash: root }], []))).toBe(true)
  })

  it('needs a salt of 16 bytes for each step', () => {
    expect(() => redactSteps(steps(3), stepSalts(2), new Set())).toThrow(RangeError)
    expect(() => redactSteps(steps(1), [new Uint8Array(15)], new Set())).toThrow(RangeError)
  })
})
