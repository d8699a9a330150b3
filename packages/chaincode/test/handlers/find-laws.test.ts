import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  canonicalText,
  type FindAnswer,
  type JsonValue,
  ledgerKindOf,
  namesOf,
  type RecordAnswer,
  type RunsAnswer,
  termsOf
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { withRole, type TestIdentity } from '../stub/identity.ts'
import { idOfRecord, TestLedger, transactionOf } from '../stub/ledger.ts'

vi.setConfig({ testTimeout: 300_000 })

const names = ['alice', 'bob', 'carol'] as const
const mspOf = { alice: 'Org1MSP', bob: 'Org2MSP', carol: 'Org1MSP' } as const
type Who = (typeof names)[number]
const identities = new Map<Who, TestIdentity>()
beforeAll(async () => {
  for (const name of names) identities.set(name, await withRole(mspOf[name], name, 'scientist'))
})

// All begin alike, so that they share buckets and hashes: only the record tells them apart.
const key = (n: number): string => `${'a'.repeat(62)}${n.toString(16).padStart(2, '0')}`
const id = (n: number): string => `sha256:${key(n)}`
const keys = Array.from({ length: 4 }, (_, n) => n)
const anyKey = fc.constantFrom(...keys)

const manifest: fc.Arbitrary<JsonValue> = fc
  .record({
    mark: fc.nat(30),
    images: fc.array(anyKey, { maxLength: 2 }),
    sources: fc.array(fc.tuple(anyKey, fc.option(anyKey)), { maxLength: 2 }),
    macro: fc.option(anyKey)
  })
  .map(({ images, macro, mark, sources }) => ({
    schema: 'bims.manifest/1',
    mark,
    images: images.map(n => ({ content: key(n), digest: `bims-pixels-1:${key(n)}` })),
    sources: sources.map(([content, of]) => ({ content: key(content), ...(of !== null && { manifest: id(of) }) })),
    ...(macro !== null && { macro: id(macro) })
  }))
const acquisition: fc.Arbitrary<JsonValue> = fc
  .tuple(fc.nat(5), anyKey)
  .map(([mark, n]) => ({ schema: 'bims.acquisition/1', mark, instrument: id(n) }))
const record = fc.oneof({ weight: 3, arbitrary: manifest }, acquisition)

type Command =
  | { readonly what: 'submit'; readonly who: Who; readonly records: readonly JsonValue[] }
  | { readonly what: 'merge'; readonly level: number; readonly bucket: number; readonly runs: number }
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('submit' as const),
      who: fc.constantFrom(...names),
      // Small ones write entries, large ones runs.
      records: fc.oneof(
        fc.array(record, { minLength: 1, maxLength: 2 }),
        fc.array(record, { minLength: 6, maxLength: 20 })
      )
    })
  },
  fc.record({ what: fc.constant('merge' as const), level: fc.nat(4), bucket: fc.nat(40), runs: fc.nat(5) })
)

interface Standing {
  readonly transaction: string
  readonly time: string
  readonly who: Who
  readonly at: number
  readonly record: JsonValue
}

const factsOf = (value: JsonValue) => {
  const kind = ledgerKindOf((value as { schema: string }).schema)
  const found = E.isRight(kind) ? namesOf(kind.right, value) : kind
  if (E.isLeft(kind) || E.isLeft(found)) throw new Error('a record that is none')
  return { kind: kind.right, names: found.right, terms: termsOf(idOfRecord(value), found.right) }
}

const byTransaction = (a: Standing, b: Standing): number =>
  a.transaction === b.transaction ? a.at - b.at : a.transaction < b.transaction ? -1 : 1
const byTime = (a: Standing, b: Standing): number =>
  a.time === b.time ? byTransaction(a, b) : a.time < b.time ? -1 : 1

class World {
  readonly ledger = new TestLedger()
  readonly standing: Standing[] = []
  #next = 0

  async submit(who: Who, records: readonly JsonValue[]): Promise<void> {
    const outcome = await this.ledger.submit(identities.get(who)!, records)
    const transaction = transactionOf(outcome)
    const time = new Date(Date.UTC(2026, 0, 1) + this.#next++ * 1000).toISOString()
    const seen = new Set<string>()
    for (const [at, one] of records.entries()) {
      if (!seen.has(idOfRecord(one))) this.standing.push({ transaction, time, who, at, record: one })
      seen.add(idOfRecord(one))
    }
  }

  async ask<A>(transaction: string, argument: object): Promise<A> {
    this.#next++
    const { message, payload } = await this.ledger.invoke({ identity: identities.get('bob')!, transaction, argument })
    if (payload === '') throw new Error(message)
    return JSON.parse(payload) as A
  }

  async merge(level: number, bucket: number, runs: number): Promise<void> {
    const { buckets } = await this.ask<RunsAnswer>('Runs', { level })
    const chosen = buckets[bucket % Math.max(1, buckets.length)]
    const merged = chosen?.runs.slice(0, 1 + runs).map(({ transaction }) => transaction) ?? []
    if (chosen === undefined || (level === 4 && merged.length < 2)) return
    const argument = { level, bucket: chosen.bucket, runs: merged }
    const answer = await this.ask<{ merged: number }>('Merge', argument)
    expect(answer.merged).toBe(merged.length)
  }

  async find(question: object, pageSize: number): Promise<readonly string[]> {
    const found: string[] = []
    for (let bookmark = ''; ;) {
      const answer = await this.ask<FindAnswer>('Find', { ...question, pageSize, ...(bookmark && { bookmark }) })
      expect(answer.records.length).toBeLessThanOrEqual(pageSize)
      for (const { at, content, submission } of answer.records)
        found.push(`${submission.time} ${submission.transaction} ${submission.enrollmentId} ${at} ${content}`)
      if (answer.bookmark === '') return found
      bookmark = answer.bookmark
    }
  }
}

const shown = (standing: readonly Standing[]): readonly string[] =>
  standing.map(
    ({ at, record: one, time, transaction, who }) => `${time} ${transaction} ${who} ${at} ${canonicalText(one)}`
  )

const checkFinds = async (world: World, pageSize: number): Promise<void> => {
  const { standing } = world
  const withTerm = (type: string, text: string): readonly string[] =>
    shown(
      standing
        .filter(one => factsOf(one.record).terms.some(term => term.type === type && term.text === text))
        .sort(byTransaction)
    )
  for (const n of keys) {
    expect(await world.find({ image: key(n) }, pageSize)).toEqual(withTerm('image', key(n)))
    expect(await world.find({ image: `bims-pixels-1:${key(n)}` }, pageSize)).toEqual(
      withTerm('image', `bims-pixels-1:${key(n)}`)
    )
    expect(await world.find({ source: key(n) }, pageSize)).toEqual(withTerm('source', key(n)))
    expect(await world.find({ source: id(n) }, pageSize)).toEqual(withTerm('source', id(n)))
    expect(await world.find({ reference: id(n) }, pageSize)).toEqual(withTerm('reference', id(n)))
    const acquired = standing.filter(one =>
      factsOf(one.record).names.some(({ role, text }) => role === 'instrument' && text === id(n))
    )
    expect(await world.find({ instrument: id(n) }, pageSize)).toEqual(shown(acquired.sort(byTime)))
  }
  const images = standing
    .filter(one => factsOf(one.record).kind === 'image' && mspOf[one.who] === 'Org1MSP')
    .sort(byTime)
  const [from, to] = ['2026-01-01T01:00:03+01:00', '2026-01-01T00:00:30Z']
  expect(await world.find({ kind: 'image', owner: 'Org1MSP' }, pageSize)).toEqual(shown(images))
  expect(await world.find({ kind: 'image', owner: 'Org1MSP', from, to }, pageSize)).toEqual(
    shown(images.filter(({ time }) => time >= '2026-01-01T00:00:03.000Z' && time < '2026-01-01T00:00:30.000Z'))
  )
}

const checkReads = async ({ ledger, standing }: World): Promise<void> => {
  const first = new Map<string, Map<string, Standing>>()
  for (const one of [...standing].sort(byTime)) {
    const known = first.get(idOfRecord(one.record)) ?? new Map<string, Standing>()
    first.set(idOfRecord(one.record), known)
    if (!known.has(one.who)) known.set(one.who, one)
  }
  for (const [recordId, submitters] of first) {
    const outcome = await ledger.simulate({
      identity: identities.get('bob')!,
      transaction: 'Read',
      argument: { id: recordId }
    })
    const answer = JSON.parse(outcome.payload) as RecordAnswer
    const expected = [...submitters.values()]
      .map(({ time, transaction, who }) => ({ mspId: mspOf[who], enrollmentId: who, time, transaction }))
      .sort((a, b) => (`${a.mspId}\0${a.enrollmentId}` < `${b.mspId}\0${b.enrollmentId}` ? -1 : 1))
    expect(answer.submissions).toEqual(expected)
    expect(answer.content).toBe(canonicalText([...submitters.values()][0]!.record))
  }
}

describe('submits and merges in any order', () => {
  it('leave the answers of Find and Read as a list of all submissions has them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 4, maxLength: 14 }),
        fc.constantFrom(1, 3, 100),
        async (commands, pageSize) => {
          const world = new World()
          for (const one of commands) {
            if (one.what === 'submit') await world.submit(one.who, one.records)
            else await world.merge(one.level, one.bucket, one.runs)
          }
          await checkFinds(world, pageSize)
          await checkReads(world)
        }
      ),
      { numRuns: 12 }
    )
  })

  it('end in runs of the last level, with nothing lost on the way', async () => {
    const world = new World()
    for (let i = 0; i < 12; i++) {
      const records = Array.from({ length: 12 }, (_, n) => ({
        schema: 'bims.manifest/1',
        mark: i * 7 + n,
        images: [{ content: key((i + n) % 4) }],
        sources: []
      }))
      await world.submit(names[i % 3]!, records)
    }
    for (let level = 0; level < 5; level++) {
      const { buckets } = await world.ask<RunsAnswer>('Runs', { level })
      for (const { bucket, runs } of buckets) {
        const merged = runs.map(({ transaction }) => transaction)
        if (level < 4 || merged.length > 1) await world.ask('Merge', { level, bucket, runs: merged })
      }
    }
    const types = [...world.ledger.state.keys()].filter(one => one.startsWith('\0run\0'))
    expect(types.every(one => one.startsWith('\0run\x004\0'))).toBe(true)
    expect(new Set(types.map(one => one.split('\0')[3])).size).toBe(types.length)
    await checkFinds(world, 100)
    await checkReads(world)
  })
})
