/* eslint-disable @typescript-eslint/require-await -- memory answers at once */
import { setTimeout as delay } from 'node:timers/promises'
import { inflateSync } from 'node:zlib'
import { canonicalBytes, idOf, newError, newLedgerRecord, splitPage, type LedgerRecord } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Sender } from '../../src/client/commit.ts'
import { submitStream, type SubmitStreamOptions } from '../../src/client/submit-stream.ts'
import type { RecordOutcome } from '../../src/client/submit-now.ts'
import { expectRight, newRecord } from '../stub/records.ts'

interface Sent {
  readonly ids: readonly string[]
  readonly restricted: boolean
  /** Ids that stood when it was endorsed. */
  readonly before: ReadonlySet<string>
}

let sent: Sent[]
let stands: Set<string>
let refused: Set<string>
/** Endorsements wait for this. */
let gate: Promise<unknown>
let most: number

const newSender = (): Sender => {
  let flying = 0
  return {
    submitter: { mspId: 'AMSP', enrollmentId: 'alice' },
    patience: { proposals: 1, endorsements: 1, submissions: 1, readBacks: 1, arrivals: 1 },
    connection: {
      peers: [],
      evaluateAt: () => async () => E.left(newError('ledger-not-found', 'no', 'no')),
      evaluate: () => async () => E.left(newError('ledger-not-found', 'no', 'no')),
      endorse:
        (_, argument, { transient = {} } = {}) =>
        async () => {
          most = Math.max(most, ++flying)
          await gate
          flying--
          const ids = (splitPage(inflateSync(transient['page'] ?? new Uint8Array())) ?? []).map(idOf)
          if (ids.some(id => refused.has(id))) return E.left(newError('record-schema', 'no', 'no'))
          sent.push({ ids, restricted: argument.includes('restricted'), before: new Set(stands) })
          return E.right({ id: 'a'.repeat(64), bytes: Buffer.from(JSON.stringify(ids)) })
        },
      settle: bytes => async () => {
        for (const id of JSON.parse(Buffer.from(bytes).toString()) as string[]) stands.add(id)
        return E.right({ block: 1, valid: true, code: 'VALID' })
      }
    }
  }
}

beforeEach(() => {
  sent = []
  stands = new Set()
  refused = new Set()
  gate = Promise.resolve()
  most = 0
})

const limits = { batch: { records: 5, bytes: 10_000 }, inFlight: 2 }
const stream = (
  records: AsyncIterable<LedgerRecord>,
  options: SubmitStreamOptions = {}
): AsyncGenerator<RecordOutcome, void> => submitStream(newSender(), limits, 'AMSP', records, options)
const records = (count: number): readonly LedgerRecord[] => Array.from({ length: count }, (_, i) => newRecord(i))
async function* each(all: readonly LedgerRecord[]): AsyncGenerator<LedgerRecord, void> {
  yield* all
}
const collect = async (outcomes: AsyncIterable<RecordOutcome>): Promise<readonly RecordOutcome[]> => {
  const all: RecordOutcome[] = []
  for await (const outcome of outcomes) all.push(outcome)
  return all
}
const never = new Promise<never>(() => undefined)

describe('a stream of records', () => {
  it('fills transactions, and loses none', async () => {
    const all = records(23)
    gate = delay(30)
    const outcomes = await collect(stream(each(all)))
    expect(outcomes.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort())
    expect(outcomes.every(({ status }) => status === 'committed')).toBe(true)
    expect(sent.map(({ ids }) => ids.length).sort()).toEqual([3, 5, 5, 5, 5])
    expect(most).toBe(2)
  })

  it('fills them by bytes too', async () => {
    const large = Array.from({ length: 4 }, (_, i) => newRecord(i, { pad: 'x'.repeat(4_000) }))
    await collect(stream(each(large)))
    expect(sent.map(({ ids }) => ids.length)).toEqual([2, 2])
  })

  it('does not leave a record waiting for others that may never come', async () => {
    async function* source(): AsyncGenerator<LedgerRecord, void> {
      yield newRecord(1)
      yield newRecord(2)
      await never
    }
    const outcomes = stream(source(), { wait: 20 })
    const known = [await outcomes.next(), await outcomes.next()]
    expect(known.map(({ value }) => value?.status)).toEqual(['committed', 'committed'])
    expect(sent.map(({ ids }) => ids.length)).toEqual([2])
    await outcomes.return()
  })

  it('lets those that come while others are on their way share a transaction', async () => {
    let open: () => void = () => undefined
    gate = new Promise<void>(resolve => {
      open = resolve
    })
    async function* source(): AsyncGenerator<LedgerRecord, void> {
      for (const record of records(6)) {
        yield record
        await delay(10)
      }
      open()
    }
    await collect(submitStream(newSender(), { ...limits, inFlight: 1 }, 'AMSP', source(), { wait: 1 }))
    expect(sent.map(({ ids }) => ids.length)).toEqual([1, 5])
    expect(sent.flatMap(({ ids }) => ids)).toEqual(records(6).map(({ id }) => id))
  })

  it('is read no faster than it is sent', async () => {
    let read = 0
    gate = never
    async function* source(): AsyncGenerator<LedgerRecord, void> {
      for (const record of records(1_000)) {
        read++
        yield record
      }
    }
    const outcomes = stream(source(), { wait: 1 })
    void outcomes.next()
    await delay(100)
    expect(read).toBeLessThan(30)
  })

  it('keeps what is public and what is restricted in transactions apart, however they come mixed', async () => {
    const all = records(10)
    const hidden = new Set(all.filter((_, i) => i % 2 === 1).map(({ id }) => id))
    await collect(stream(each(all), { restricted: ({ id }) => hidden.has(id) }))
    expect(sent.map(({ ids, restricted }) => [ids.length, restricted]).sort()).toEqual([
      [5, false],
      [5, true]
    ])
    for (const { ids, restricted } of sent) expect(ids.every(id => hidden.has(id) === restricted)).toBe(true)
  })

  it('sends what says something of others after them', async () => {
    const all = records(7)
    const mark = expectRight(newLedgerRecord(canonicalBytes({ schema: 'bims.withdraw/1', target: all[6]!.id })))
    const outcomes = await collect(stream(each([...all, mark, newRecord(99)])))
    expect(outcomes).toHaveLength(9)
    const before = sent.find(({ ids }) => ids.includes(mark.id))?.before
    for (const { id } of all) expect(before?.has(id)).toBe(true)
  })

  it('finds the records at fault, and sends the others', async () => {
    const all = records(12)
    refused.add(all[3]!.id)
    const outcomes = await collect(stream(each(all)))
    expect(outcomes.filter(({ status }) => status === 'refused').map(({ id }) => id)).toEqual([all[3]!.id])
    expect(outcomes.filter(({ status }) => status === 'committed')).toHaveLength(11)
  })

  it('tells the outcomes of what came before its source failed', async () => {
    async function* source(): AsyncGenerator<LedgerRecord, void> {
      yield* records(3)
      throw new Error('the instrument is gone')
    }
    const known: RecordOutcome[] = []
    const reading = (async () => {
      for await (const outcome of stream(source())) known.push(outcome)
    })()
    await expect(reading).rejects.toThrow('the instrument is gone')
    expect(known.map(({ status }) => status)).toEqual(['committed', 'committed', 'committed'])
  })

  it('ends with its signal, and tells what was read', async () => {
    const stop = new AbortController()
    async function* source(): AsyncGenerator<LedgerRecord, void> {
      yield* records(2)
      stop.abort()
      await never
    }
    const outcomes = await collect(stream(source(), { signal: stop.signal, wait: 10_000 }))
    expect(outcomes.map(({ status }) => status)).toEqual(['unsettled', 'unsettled'])
  })
})
