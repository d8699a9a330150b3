import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bucketOf,
  chunksOf,
  collectionsConfig,
  compositeKey,
  ledgerLimits,
  namesOf,
  packRun,
  pageKey,
  restrictedCollection,
  termHash,
  termsOf,
  termTypes,
  unpackRun,
  type Posting
} from '@bims/core'
import { right } from '../fixtures/either.ts'

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: length, maxLength: length })
const posting: fc.Arbitrary<Posting> = fc.record({
  // Few hashes and transactions, so that they meet.
  hash: fc.oneof(hex(16), fc.constantFrom('0'.repeat(16), 'f'.repeat(16))),
  transaction: fc.oneof(hex(64), fc.constantFrom('1'.repeat(64), '2'.repeat(64))),
  at: fc.oneof(fc.nat(1000), fc.maxSafeNat())
})
const shown = ({ at, hash, transaction }: Posting): string => `${hash} ${transaction} ${String(at).padStart(16, '0')}`

describe('packed runs', () => {
  it('give back their postings, sorted, each once, in one form', () => {
    fc.assert(
      fc.property(fc.array(posting, { maxLength: 60 }), postings => {
        const bytes = packRun(postings)
        const found = unpackRun(bytes)!
        expect(found.map(shown)).toEqual([...new Set(postings.map(shown))].sort())
        expect(packRun([...postings].reverse())).toEqual(bytes)
        for (const { hash } of postings) expect(unpackRun(bytes, hash)).toEqual(found.filter(one => one.hash === hash))
        expect(unpackRun(bytes, 'a'.repeat(16))).toEqual(found.filter(({ hash }) => hash === 'a'.repeat(16)))
      })
    )
  })

  it('are told from other bytes, without harm', () => {
    fc.assert(
      fc.property(fc.array(posting, { minLength: 1, maxLength: 5 }), fc.nat(), (postings, n) => {
        const bytes = packRun(postings)
        expect(unpackRun(bytes.subarray(0, n % bytes.length))).toBeUndefined()
        expect(unpackRun(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined()
      })
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), bytes => void unpackRun(bytes)))
    expect(unpackRun(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f))).toBeUndefined()
    expect(unpackRun(Uint8Array.of(1, ...new Uint8Array(32), 1, ...new Uint8Array(8), 1, 0))).toBeUndefined()
  })

  it('spread over buckets by the first digits of the hash', () => {
    expect([0, 1, 4].map(level => bucketOf('0123456789abcdef', level))).toEqual(['0', '01', '01234'])
  })
})

describe('terms', () => {
  it('have the hash that they are, apart for each type', () => {
    const text = `${'0123456789abcdef'.repeat(3)}fedcba9876543210`
    const hashes = termTypes.map(type => termHash({ type, text }))
    expect(hashes).toEqual(['0123456789abcdef', '0123456789abcdee', '0123456789abcded', '0123456789abcdec'])
    expect(termHash({ type: 'id', text: `sha256:${text}` })).toBe('0123456789abcdef')
    expect(termHash({ type: 'image', text: `bims-pixels-1:${text}` })).toBe('0123456789abcdee')
    expect(termHash({ type: 'image', text: '0'.repeat(64) })).toBe('0000000000000001')
  })

  it('of a manifest are what it names, each once, its instrument not', () => {
    const [id, content] = [`sha256:${'a'.repeat(64)}`, 'b'.repeat(64)]
    const names = right(
      namesOf('image', {
        acquisitions: [id, id],
        images: [
          { content, digest: `bims-coded-1:${content}` },
          { content, digest: `bims-pixels-1:${content}` }
        ],
        sources: [{ content }]
      })
    )
    expect(termsOf('sha256:x', names).map(({ text, type }) => `${type} ${text}`)).toEqual([
      'id sha256:x',
      `reference ${id}`,
      `source ${content}`,
      `image ${content}`,
      `image bims-coded-1:${content}`,
      `image bims-pixels-1:${content}`
    ])
    expect(termsOf('sha256:x', right(namesOf('acquisition', { instrument: id })))).toHaveLength(1)
    expect(right(namesOf('image', { images: { attachment: {} }, sources: 7 }))).toEqual([])
  })
})

describe('keys', () => {
  it('are composite keys of Fabric', () => {
    expect(compositeKey(pageKey('ab'))).toBe('\0page\0ab\0')
    expect(compositeKey({ type: 'log', attributes: ['image', 'Org1MSP'] })).toBe('\0log\0image\0Org1MSP\0')
  })
})

describe('collections of restricted records', () => {
  // What Fabric takes: core/chaincode/lifecycle/scc.go, collectionNameRegExp.
  const fabricName = /^[A-Za-z0-9-]+([A-Za-z0-9_-]+)*$/

  it('bear names that Fabric takes, readable and never the same for two organisations', () => {
    expect(restrictedCollection('Org1MSP')).toBe('restricted_Org1MSP')
    expect(restrictedCollection('uni.example-msp')).toBe('restricted_uni_2eexample-msp')
    expect(restrictedCollection('a_b')).toBe('restricted_a_5fb')
    const ids = [
      'Org1MSP',
      'a_b',
      'a_5fb',
      'a.b',
      'a2eb',
      'a_2eb',
      'a b',
      'ä',
      'a',
      '',
      '\0',
      '_implicit_org_a',
      '.',
      '_2e'
    ]
    const names = ids.map(restrictedCollection)
    for (const name of names) expect(name).toMatch(fabricName)
    expect(new Set(names).size).toBe(ids.length)
  })

  it('are named apart whatever the MSP ids', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '_', '.', '2', 'e', '5', 'f', 'ä') })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(restrictedCollection(a)).toMatch(fabricName)
        expect(restrictedCollection(a) === restrictedCollection(b)).toBe(a === b)
      })
    )
  })

  it('are described as Fabric wants them: read by members alone, written by whoever shares, endorsed by the owner', () => {
    expect(right(collectionsConfig(['Org1MSP', 'uni.b']))).toEqual([
      {
        name: 'restricted_Org1MSP',
        policy: "OR('Org1MSP.member')",
        requiredPeerCount: 0,
        maxPeerCount: 3,
        blockToLive: 0,
        memberOnlyRead: true,
        memberOnlyWrite: false,
        endorsementPolicy: { signaturePolicy: "OR('Org1MSP.peer')" }
      },
      expect.objectContaining({ name: 'restricted_uni_2eb', policy: "OR('uni.b.member')" })
    ])
    for (const refused of [['a_b'], ["a'"], [''], ['Org1MSP', 'Org1MSP']])
      expect(collectionsConfig(refused)).toMatchObject({ left: { code: 'usage' } })
  })
})

describe('chunks', () => {
  it('are as many as an attachment needs', () => {
    const { chunkBytes } = ledgerLimits
    expect([0, 1, chunkBytes, chunkBytes + 1].map(chunksOf)).toEqual([0, 1, 1, 2])
  })
})
