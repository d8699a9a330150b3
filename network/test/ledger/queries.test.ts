import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { JsonValue, LedgerRecord } from '@bims/core'
import type { Finding, Ledger } from '@bims/ledger'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { openAs, recordOf, right } from './open.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let dir: string
let network: EmbeddedNetwork
const open: Ledger[] = []
const as = async (name: string): Promise<Ledger> => {
  const ledger = await openAs(network.profileFile, name)
  open.push(ledger)
  return ledger
}
let alice: Ledger
let bob: Ledger
let sam: Ledger
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bims-queries-'))
  network = await startEmbedded({ dir: join(dir, 'network') })
  alice = await as('org1/alice')
  bob = await as('org2/bob')
  sam = await as('org1/sam')
})
afterAll(async () => {
  for (const ledger of open) ledger.close()
  await network.close()
  await rm(dir, { recursive: true })
})

const hex = (): string => randomBytes(32).toString('hex')

const manifest = (content: string, more: Readonly<Record<string, JsonValue>> = {}): LedgerRecord =>
  recordOf({
    schema: 'bims.manifest/1',
    images: [{ content, digest: `bims-pixels-1:${hex()}`, name: '0' }],
    acquisitions: [],
    sources: [],
    ...more
  })

const all = async (findings: AsyncIterable<E.Either<unknown, Finding>>): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  for await (const finding of findings) found.push(right(finding))
  return found
}

const idsOf = (findings: readonly Finding[]): readonly string[] => findings.map(({ id }) => id)

describe('find', () => {
  it('finds a record by everything that it names, for another organisation too', async () => {
    const scope = recordOf({ schema: 'bims.instrument/1', serial: hex() })
    right(await sam.submit([scope])())
    const acquisition = recordOf({ schema: 'bims.acquisition/1', instrument: scope.id, n: hex() })
    const raw = manifest(hex(), { acquisitions: [acquisition.id] })
    const content = hex()
    const derived = manifest(content, { sources: [{ name: 'raw', content: hex(), manifest: raw.id }] })
    const outcomes = right(await alice.submit([acquisition, raw, derived])())
    expect(outcomes.map(({ status }) => status)).toEqual(['committed', 'committed', 'committed'])
    expect(idsOf(await all(bob.find({ image: content })))).toEqual([derived.id])
    expect(idsOf(await all(bob.find({ source: raw.id })))).toEqual([derived.id])
    expect(idsOf(await all(bob.find({ reference: acquisition.id })))).toEqual([raw.id])
    expect(await all(bob.find({ instrument: scope.id }))).toMatchObject([
      { id: acquisition.id, kind: 'acquisition', submission: { mspId: 'Org1MSP', enrollmentId: 'alice' } }
    ])
    expect(idsOf(await all(bob.find({ kind: 'instrument', owner: 'Org1MSP' })))).toContain(scope.id)
    expect(await all(bob.find({ image: hex() }))).toEqual([])
    const lineage = right(await bob.lineage({ id: derived.id, direction: 'sources', depth: 3 })())
    expect(lineage).toMatchObject({ edges: [{ source: raw.id, derived: derived.id, by: 'manifest' }], complete: true })
    const back = right(await bob.lineage({ id: raw.id, direction: 'derived', depth: 3 })())
    expect(back.nodes.map(({ image }) => image)).toEqual([raw.id, derived.id])
  })

  it('goes through pages until nobody asks', async () => {
    const records = Array.from({ length: 250 }, (_, i) => recordOf({ schema: 'bims.acquisition/1', page: i, n: hex() }))
    right(await bob.submit(records)())
    const found = await all(alice.find({ kind: 'acquisition', owner: 'Org2MSP', pageSize: 60 }))
    expect(new Set(idsOf(found))).toEqual(new Set(records.map(({ id }) => id)))
    expect(found).toHaveLength(250)
    const some: string[] = []
    for await (const one of alice.find({ kind: 'acquisition', owner: 'Org2MSP', pageSize: 10 })) {
      some.push(right(one).id)
      if (some.length === 15) break
    }
    expect(some).toEqual(idsOf(found).slice(0, 15))
  })

  it('tells a question that is none', async () => {
    const items = []
    for await (const item of alice.find({})) items.push(item)
    expect(items).toMatchObject([{ left: { code: 'transaction-malformed' } }])
  })
})

describe('mergeIndex', () => {
  it('merges many small runs, after which everything is found as before; two at once do no harm', async () => {
    const small = await openAs(network.profileFile, 'org1/alice', { batch: { records: 20 }, inFlight: 8 })
    open.push(small)
    const contents = Array.from({ length: 800 }, hex)
    const records = contents.map(content => manifest(content))
    const outcomes = right(await small.submit(records)())
    expect(outcomes.every(({ status }) => status === 'committed')).toBe(true)
    const merged = [
      right(await small.mergeIndex()()),
      ...(await Promise.all([alice.mergeIndex()(), bob.mergeIndex()()])).map(right)
    ]
    expect(merged[0]!.merges).toBeGreaterThan(0)
    for (let i = 0; i < 800; i += 37) {
      expect(idsOf(await all(bob.find({ image: contents[i]! })))).toEqual([records[i]!.id])
      expect(right(await bob.read(records[i]!.id)()).submissions).toHaveLength(1)
    }
    expect(right(await bob.mergeIndex()())).toEqual({ merges: 0, runs: 0 })
    const audrey = await as('org1/audrey')
    right(await audrey.mergeIndex()())
  })
})
