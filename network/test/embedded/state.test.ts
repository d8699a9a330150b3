import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { byUtf8 } from '../../src/protobuf/messages.ts'
import { newRangeReads, readOf } from '../../src/embedded/range-reads.ts'
import { historyHeight, historyKey, historyRange, stateKey } from '../../src/embedded/state-keys.ts'
import { openStateStore } from '../../src/embedded/state-store.ts'
import type { StateStore } from '../../src/embedded/state-store.ts'
import { decodeState, encodeState } from '../../src/embedded/state-value.ts'
import { newBlockUpdates } from '../../src/embedded/updates.ts'

const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map(text => Buffer.from(text).toString())
const height = fc.record({ block: fc.nat({ max: 2 ** 40 }), tx: fc.nat({ max: 2 ** 20 }) })

describe('keys of the index', () => {
  it('of states sort as the keys do', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(Buffer.compare(stateKey('n', a), stateKey('n', b)))).toBe(Math.sign(byUtf8(a, b)))
      })
    )
  })
  it('of the history keep apart what belongs to different keys, and sort the newest first', () => {
    fc.assert(
      fc.property(key, key, height, height, (a, b, first, second) => {
        const entry = historyKey('n', a, first)
        expect(historyHeight(entry)).toEqual(first)
        const { gte, lt } = historyRange('n', b)
        expect(Buffer.compare(entry, gte) >= 0 && Buffer.compare(entry, lt) < 0).toBe(a === b)
        const older = first.block - second.block || first.tx - second.tx
        expect(Math.sign(Buffer.compare(entry, historyKey('n', a, second)))).toBe(Math.sign(-older))
      })
    )
  })
})

describe('values of the index', () => {
  it('come back, and no changed bit is believed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        height,
        fc.dictionary(fc.string(), fc.uint8Array()),
        fc.nat(),
        (value, version, metadata, at) => {
          const state = {
            value: Buffer.from(value),
            version,
            metadata: new Map(Object.entries(metadata).map(([k, v]) => [k, Buffer.from(v)]))
          }
          const bytes = encodeState(state)
          expect(decodeState(bytes)).toEqual(state)
          const bit = at % (bytes.length * 8)
          bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7))
          expect(() => decodeState(bytes)).toThrow(expect.objectContaining({ code: 'network-corrupt' }))
        }
      )
    )
  })
})

describe('hashed range reads', () => {
  const done = (count: number, degree: number): ReturnType<ReturnType<typeof newRangeReads>['done']> => {
    const reads = newRangeReads(degree)
    for (let i = 0; i < count; i++) reads.add(readOf(`k${i}`, { block: i, tx: 0 }))
    return reads.done()
  }
  it('stay raw up to the degree and are hashed past it', () => {
    expect(done(50, 50).raw).toHaveLength(50)
    expect(done(51, 50).summary?.getMaxDegree()).toBe(50)
    expect(done(0, 50)).toEqual({ raw: undefined, summary: undefined })
  })
  it('never keep more hashes than the degree, and tell any two lists apart', () => {
    const seen = new Set<string>()
    for (let count = 3; count < 60; count++) {
      const { summary } = done(count, 2)
      expect(summary!.getMaxLevelHashesList().length).toBeLessThanOrEqual(2)
      seen.add(Buffer.from(summary!.serializeBinary()).toString('hex'))
    }
    expect(seen.size).toBe(57)
  })
})

describe('updates of a block', () => {
  it('are serialized as Fabric hashes them: sorted, a namespace named once, deletions marked', () => {
    const updates = newBlockUpdates({ get: () => undefined, hasKeyPolicies: () => false })
    const writes = [
      { key: 'b', value: Buffer.from('1') },
      { key: 'a', value: undefined }
    ]
    updates.apply([{ namespace: 'n', reads: [], ranges: [], writes }], { block: 3, tx: 0 }, 't')
    expect(Buffer.concat(updates.bytes()).toString('hex')).toBe(
      // { namespace n, key a, isDelete, version 3 0 } { key b, value 1, version 3 0 }
      '0a0d0a016e1a01612001320301030' + '00a0b1a01622a013132030103' + '00'
    )
    expect(updates.list().map(u => [u.key, u.state === undefined])).toEqual([
      ['b', false],
      ['a', true]
    ])
  })
})

describe('openStateStore', () => {
  let dir: string
  let store: StateStore
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-state-'))
    store = await openStateStore(dir)
  })
  afterAll(async () => {
    await store.close()
    await rm(dir, { recursive: true })
  })
  const commit = (number: number, entries: Readonly<Record<string, string | undefined>>): Promise<void> =>
    store.commit({
      number,
      location: { file: 0, offset: number * 10, length: 10 },
      updates: Object.entries(entries).map(([k, v]) => ({
        namespace: 'n',
        key: k,
        state:
          v === undefined
            ? undefined
            : { value: Buffer.from(v), version: { block: number, tx: 0 }, metadata: new Map() }
      })),
      history: Object.keys(entries).map(k => ({ namespace: 'n', key: k, at: { block: number, tx: 0 } })),
      transactions: new Map([[`t${number}`, { block: number, tx: 0, code: 11 }]])
    })

  it('keeps states, history, transactions and where the blocks stand; a view does not change', async () => {
    await commit(0, { a: '1', b: '2' })
    const view = store.snapshot()
    await commit(1, { a: '3', b: undefined, c: '4' })
    expect(view.get('n', 'a')?.value.toString()).toBe('1')
    expect(store.get('n', 'a')).toMatchObject({ version: { block: 1, tx: 0 } })
    expect(store.get('n', 'b')).toBeUndefined()
    expect(store.get('other', 'a')).toBeUndefined()
    const keys = async (from: StateStore | typeof view, start: string, end: string): Promise<string[]> => {
      const cursor = from.range('n', start, end)
      const found = []
      for (let next = await cursor.next(); next !== undefined; next = await cursor.next()) found.push(next.key)
      await cursor.close()
      return found
    }
    expect(await keys(store, '', '')).toEqual(['a', 'c'])
    expect(await keys(view, '', '')).toEqual(['a', 'b'])
    expect(await keys(store, 'a', 'c')).toEqual(['a'])
    const cursor = store.history('n', 'a')
    expect([await cursor.next(), await cursor.next(), await cursor.next()]).toEqual([
      { block: 1, tx: 0 },
      { block: 0, tx: 0 },
      undefined
    ])
    await cursor.close()
    await view.close()
    expect(store.transaction('t1')).toEqual({ block: 1, tx: 0, code: 11 })
    expect(store.transaction('t9')).toBeUndefined()
    expect((await store.blockLocations()).count()).toBe(2)
    expect(store.savepoint()).toBe(2)
  })

  it('says so where a block is missing', async () => {
    await commit(3, {})
    await expect(store.blockLocations()).rejects.toMatchObject({ code: 'network-corrupt' })
    await store.clear()
    expect((await store.blockLocations()).count()).toBe(0)
    expect(store.savepoint()).toBe(0)
  })
})
