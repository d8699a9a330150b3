import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { fromHex, inclusionProof, leafHash, merkleRoot, nodeHash, rootOfProof, sha256, toHex } from '@bims/core'

// Much work, and machines may be busy: no test here fails on a time.
vi.setConfig({ testTimeout: 300_000 })

/** The leaves of Certificate Transparency's own tests (RFC 6962), and the roots of their first n. */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  hex => fromHex(hex) ?? new Uint8Array()
)
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'
]

const leaves = (n: number): readonly Uint8Array[] =>
  Array.from({ length: n }, (_, i) => leafHash(Uint8Array.of(i, i >> 8)))

/** RFC 6962, section 2.1, word for word. */
const definition = (list: readonly Uint8Array[]): Uint8Array => {
  const [only] = list
  if (only === undefined) return sha256()
  if (list.length === 1) return only
  let k = 1
  while (k * 2 < list.length) k *= 2
  return nodeHash(definition(list.slice(0, k)), definition(list.slice(k)))
}

describe('the Merkle tree (RFC 6962)', () => {
  it('gives the known roots', () => {
    expect(roots.map((_, n) => toHex(merkleRoot(inputs.slice(0, n).map(input => leafHash(input)))))).toEqual(roots)
  })

  it('is the definition, for all sizes to 70', () => {
    for (let n = 0; n <= 70; n++) expect(merkleRoot(leaves(n))).toEqual(definition(leaves(n)))
  })
})

describe('audit paths', () => {
  it('lead to the root, for every leaf of all sizes to 40, and to no other for another place', () => {
    for (let n = 1; n <= 40; n++) {
      const list = leaves(n)
      const root = toHex(merkleRoot(list))
      for (let i = 0; i < n; i++) {
        const path = inclusionProof(list, i)
        const lead = (index: number, size: number, siblings = path): string =>
          toHex(rootOfProof(list[i] as Uint8Array, index, size, siblings) ?? new Uint8Array())
        expect(lead(i, n)).toBe(root)
        for (let other = 0; other < n; other++) if (other !== i) expect(lead(other, n)).not.toBe(root)
        expect(lead(i, n, [...path, sha256()])).not.toBe(root)
        if (path.length > 0) {
          expect(lead(i, n, path.slice(1))).not.toBe(root)
          expect(lead(i, n, path.slice(0, -1))).not.toBe(root)
          expect(
            lead(
              i,
              n,
              path.toReversed().map((hash, at) => (at === 0 ? sha256(hash) : hash))
            )
          ).not.toBe(root)
        }
      }
    }
  })

  it('cannot be forged by another leaf, sibling or size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (n, at, which, flip) => {
          const list = leaves(n)
          const [i, root] = [at % n, toHex(merkleRoot(list))]
          const path = inclusionProof(list, i)
          const k = which % path.length
          const forged = path.map((hash, j) =>
            j === k ? Uint8Array.from(hash, (byte, b) => (b === which % 32 ? byte ^ flip : byte)) : hash
          )
          expect(toHex(rootOfProof(list[i] as Uint8Array, i, n, forged) ?? new Uint8Array())).not.toBe(root)
          expect(toHex(rootOfProof(leafHash(Uint8Array.of(flip)), i, n, path) ?? new Uint8Array())).not.toBe(root)
        }
      )
    )
  })

  it('refuse places outside of the list, and end for sizes that nobody has', () => {
    const leaf = leafHash()
    for (const [index, size] of [
      [1, 1],
      [-1, 2],
      [0.5, 2],
      [NaN, 2],
      [0, 0],
      [2 ** 53, 2 ** 53]
    ] as const)
      expect(rootOfProof(leaf, index, size, [])).toBeUndefined()
    expect(rootOfProof(leaf, 2 ** 52, 2 ** 53, [])).toBeUndefined()
    expect(
      rootOfProof(
        leaf,
        2 ** 53 - 2,
        2 ** 53 - 1,
        Array.from({ length: 60 }, () => leaf)
      )
    ).toBeUndefined()
    for (const index of [-1, 2, 0.5, NaN]) expect(() => inclusionProof(leaves(2), index)).toThrow(RangeError)
  })
})
