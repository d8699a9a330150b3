import { beforeAll, describe, expect, it } from 'vitest'
import { type JsonValue, type LineageAnswer } from '@bims/core'
import { withRole, type TestIdentity } from '../stub/identity.ts'
import { idOfRecord, TestLedger } from '../stub/ledger.ts'

let alice: TestIdentity
beforeAll(async () => {
  alice = await withRole('Org1MSP', 'alice', 'scientist')
})

const content = (n: number): string => n.toString(16).padStart(64, '0')
interface From {
  readonly content: number
  readonly of?: JsonValue
}
const manifest = (n: number, sources: readonly From[] = [], more: object = {}): JsonValue => ({
  schema: 'bims.manifest/1',
  images: [{ content: content(n), digest: `bims-pixels-1:${content(n)}` }],
  sources: sources.map(({ content: key, of }) => ({
    content: content(key),
    ...(of !== undefined && { manifest: idOfRecord(of) })
  })),
  ...more
})

const lineage = async (ledger: TestLedger, argument: object): Promise<LineageAnswer> => {
  const outcome = await ledger.invoke({ identity: alice, transaction: 'Lineage', argument })
  if (outcome.payload === '') throw new Error(outcome.message)
  return JSON.parse(outcome.payload) as LineageAnswer
}

// raw (content 1) → smooth (2), which names its manifest; → mask (3), which names only its content; both → overlay (4);
// what overlay was also made from (9) stands nowhere.
const raw = manifest(1)
const smooth = manifest(2, [{ content: 1, of: raw }])
const mask = manifest(3, [{ content: 1 }])
const overlay = manifest(4, [{ content: 2, of: smooth }, { content: 3 }, { content: 9 }])
const [idRaw, idSmooth, idMask, idOverlay] = [raw, smooth, mask, overlay].map(idOfRecord) as [
  string,
  string,
  string,
  string
]
const story = async (): Promise<TestLedger> => {
  const ledger = new TestLedger()
  await ledger.submit(alice, [raw, smooth])
  await ledger.submit(alice, [mask])
  await ledger.submit(alice, [overlay])
  // Once more, by which nothing may come twice.
  await ledger.submit(alice, [smooth, overlay])
  return ledger
}
const edges = [
  { source: idSmooth, derived: idOverlay, by: 'manifest' },
  { source: idMask, derived: idOverlay, by: 'content' },
  { source: content(9), derived: idOverlay, by: 'content' },
  { source: idRaw, derived: idSmooth, by: 'manifest' },
  { source: idRaw, derived: idMask, by: 'content' }
]
const sorted = (list: readonly object[]): readonly string[] => list.map(one => JSON.stringify(one)).sort()
const keyed = ({ by, derived, source }: LineageAnswer['edges'][number]) => ({ source, derived, by })

describe('Lineage', () => {
  it('goes to the sources', async () => {
    const answer = await lineage(await story(), { id: idOverlay, direction: 'sources', depth: 16 })
    expect(answer.nodes).toEqual([
      { image: idOverlay, standing: true, depth: 0 },
      { image: idSmooth, standing: true, depth: 1 },
      { image: idMask, standing: true, depth: 1 },
      { image: content(9), standing: false, depth: 1 },
      { image: idRaw, standing: true, depth: 2 }
    ])
    expect(sorted(answer.edges.map(keyed))).toEqual(sorted(edges))
    expect(answer.complete).toBe(true)
  })

  it('goes to what was made, by the same edges', async () => {
    const ledger = await story()
    const answer = await lineage(ledger, { id: idRaw, direction: 'derived', depth: 16 })
    expect(new Set(answer.nodes.map(({ image }) => image))).toEqual(new Set([idRaw, idSmooth, idMask, idOverlay]))
    expect(sorted(answer.edges.map(keyed))).toEqual(sorted(edges.filter(({ source }) => source !== content(9))))
    const unknown = await lineage(ledger, { image: content(9), direction: 'derived', depth: 1 })
    expect(unknown.nodes).toEqual([
      { image: content(9), standing: false, depth: 0 },
      { image: idOverlay, standing: true, depth: 1 }
    ])
    expect(unknown.edges.map(keyed)).toEqual([edges[2]])
  })

  it('does not take an image for another one of the same content', async () => {
    const ledger = new TestLedger()
    const [one, other] = [manifest(7, [], { note: 'one' }), manifest(7, [], { note: 'other' })]
    const made = manifest(8, [{ content: 7, of: one }])
    await ledger.submit(alice, [one, other, made])
    expect((await lineage(ledger, { id: idOfRecord(one), direction: 'derived', depth: 1 })).nodes).toHaveLength(2)
    expect((await lineage(ledger, { id: idOfRecord(other), direction: 'derived', depth: 1 })).nodes).toHaveLength(1)
  })

  it('begins at an image too, and ends where it should', async () => {
    const ledger = await story()
    for (const image of [content(4), `bims-pixels-1:${content(4)}`]) {
      const answer = await lineage(ledger, { image, direction: 'sources', depth: 1 })
      expect(answer.nodes.map(({ depth }) => depth)).toEqual([0, 1, 1, 1])
    }
    expect((await lineage(ledger, { id: idOverlay, direction: 'sources', depth: 0 })).nodes).toHaveLength(1)
    const nowhere = await lineage(ledger, { id: `sha256:${content(0)}`, direction: 'derived', depth: 16 })
    expect(nowhere).toEqual({
      nodes: [{ image: `sha256:${content(0)}`, standing: false, depth: 0 }],
      edges: [],
      complete: true
    })
  })

  it('ends in a circle of contents', async () => {
    const ledger = new TestLedger()
    const [one, two] = [manifest(5, [{ content: 6 }]), manifest(6, [{ content: 5 }])]
    await ledger.submit(alice, [one, two])
    for (const direction of ['sources', 'derived']) {
      const answer = await lineage(ledger, { id: idOfRecord(one), direction, depth: 16 })
      expect(answer.nodes).toHaveLength(2)
      expect(answer.edges).toHaveLength(2)
    }
  })

  it('says when it was cut', async () => {
    const ledger = new TestLedger()
    await ledger.submit(alice, [raw])
    for (let from = 0; from < 1200; from += 400)
      await ledger.submit(
        alice,
        Array.from({ length: 400 }, (_, n) => manifest(1000 + from + n, [{ content: 1, of: raw }]))
      )
    const answer = await lineage(ledger, { id: idRaw, direction: 'derived', depth: 1 })
    expect(answer.nodes).toHaveLength(1000)
    expect(answer.complete).toBe(false)
  })

  it.each([
    [{ direction: 'sources', depth: 1 }],
    [{ id: idRaw, image: content(1), direction: 'sources', depth: 1 }],
    [{ image: 'x', direction: 'sources', depth: 1 }],
    [{ id: idRaw, direction: 'both', depth: 1 }],
    [{ id: idRaw, direction: 'sources', depth: 17 }],
    [{ id: idRaw, direction: 'sources', depth: -1 }]
  ])('refuses %j', async argument => {
    const outcome = await new TestLedger().invoke({ identity: alice, transaction: 'Lineage', argument })
    expect(outcome.error?.code).toBe('transaction-malformed')
  })
})
