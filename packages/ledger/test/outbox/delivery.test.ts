import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newError } from '@bims/core'
import { takeLock, systemProcesses } from '../../src/file/lock.ts'
import { nodeFileSystem } from '../../src/file/node-file-system.ts'
import { seenHeight } from '../../src/height/seen-height.ts'
import { deliver, type Delivery } from '../../src/outbox/delivery.ts'
import { openOutbox, type Outbox } from '../../src/outbox/outbox.ts'
import { ModelLedger } from '../stub/model-ledger.ts'
import { expectLeft, expectRight, newRecord } from '../stub/records.ts'

let dir: string
let outbox: Outbox
let ledger: ModelLedger
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bims-outbox-'))
  outbox = expectRight(await openOutbox(join(dir, 'deep', 'outbox'))())
  ledger = new ModelLedger()
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const run = async (
  more: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {}
): Promise<Delivery> => expectRight(await deliver({ outbox, ledger: ledger.ledger, ...more })())
const records = Array.from({ length: 12 }, (_, i) => newRecord(i))
const refuse = (n: number, code: 'record-schema' | 'role-refused'): unknown =>
  ledger.refused.set(records[n]!.id, newError(code, 'no', 'no'))

describe('deliver', () => {
  it('sends what was queued, in the order of queueing, and says where each record stands', async () => {
    for (const record of records) expectRight(await outbox.enqueue([record])())
    expect(expectRight(await outbox.backlog()())).toMatchObject({ records: 12, entries: 12, transactions: 0 })
    expect(expectRight(await outbox.list()())).toEqual(records.map(({ kind, id, schema }) => ({ kind, id, schema })))
    const seen: [number, number][] = []
    const { records: delivered, problems } = await run({ onProgress: (done, total) => seen.push([done, total]) })
    expect(problems).toEqual([])
    expect(new Set(delivered.map(({ id }) => id))).toEqual(new Set(records.map(({ id }) => id)))
    expect(
      delivered.every(
        ({ status, block, transaction }) =>
          status === 'committed' && block! > 0 && ledger.committed.size > 0 && transaction !== undefined
      )
    ).toBe(true)
    expect(seen.at(-1)).toEqual([12, 12])
    expect((await run()).records).toEqual([])
    expect(expectRight(await outbox.backlog()())).toMatchObject({ records: 0, entries: 0, transactions: 0 })
  })

  it('leaves everything queued where the ledger is away, and says so', async () => {
    expectRight(await outbox.enqueue(records)())
    ledger.script(['away'])
    const { records: delivered, problems } = await run()
    expect(problems.map(({ code }) => code)).toEqual(['ledger-unreachable'])
    expect(delivered).toHaveLength(12)
    expect(delivered.every(({ status, error }) => status === 'queued' && error?.code === 'ledger-unreachable')).toBe(
      true
    )
    expect((await run()).records.every(({ status }) => status === 'committed')).toBe(true)
  })

  it('submits the same bytes again where the answer was lost', async () => {
    expectRight(await outbox.enqueue(records.slice(0, 3))())
    ledger.script(['fine', 'lost'])
    expect((await run()).records.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued'])
    expect(expectRight(await outbox.backlog()())).toMatchObject({ records: 3, transactions: 1 })
    expect((await run()).records.map(({ status }) => status)).toEqual(['committed', 'committed', 'committed'])
    expect(ledger.endorsed).toBe(1)
  })

  it('finds the records at fault among many, sends the others, and sets those aside that will never do', async () => {
    expectRight(await outbox.enqueue(records)())
    refuse(4, 'record-schema')
    refuse(9, 'role-refused')
    const byId = new Map((await run()).records.map(record => [record.id, record]))
    expect(records.map(({ id }) => byId.get(id)?.status)).toEqual(
      records.map((_, i) => (i === 4 || i === 9 ? 'refused' : 'committed'))
    )
    expect(byId.get(records[4]!.id)?.error?.code).toBe('record-schema')
    const { refused, records: left } = expectRight(await outbox.backlog()())
    expect(refused).toHaveLength(1)
    expect(left).toBe(1)
    expect(JSON.parse(await readFile(join(outbox.folders.refused, `${refused[0]}.json`), 'utf8'))).toMatchObject({
      code: 'record-schema'
    })
    ledger.refused.clear()
    expect((await run()).records).toMatchObject([{ id: records[9]!.id, status: 'committed' }])
  })

  it('gives a record that was queued twice one outcome', async () => {
    expectRight(await outbox.enqueue([records[0]!, records[0]!])())
    expectRight(await outbox.enqueue([records[0]!])())
    expect((await run()).records).toMatchObject([{ status: 'committed' }])
    expect(ledger.committed.get(records[0]!.id)).toHaveLength(1)
  })

  it('stops on request and keeps the rest', async () => {
    expectRight(await outbox.enqueue(records)())
    const { problems, records: delivered } = await run({ signal: AbortSignal.abort() })
    expect(problems.map(({ code }) => code)).toEqual(['interrupted'])
    expect(delivered.every(({ status }) => status === 'queued')).toBe(true)
    expect((await run()).records).toHaveLength(12)
  })

  it.each([
    ['a torn entry', async (path: string) => truncate(path, 100)],
    ['an empty one', async (path: string) => truncate(path, 0)],
    [
      'a flipped bit',
      async (path: string) => {
        const bytes = await readFile(path)
        bytes[bytes.length - 5]! ^= 1
        await writeFile(path, bytes)
      }
    ],
    ['bytes at the end', async (path: string) => writeFile(path, 'x', { flag: 'a' })]
  ])('sets %s aside, reports it, and delivers the others', async (_, damage) => {
    expectRight(await outbox.enqueue([records[0]!])())
    const [hurt] = await readdir(outbox.folders.entries)
    expectRight(await outbox.enqueue([records[1]!])())
    await damage(join(outbox.folders.entries, hurt!))
    const { records: delivered, problems } = await run()
    expect(delivered).toMatchObject([{ id: records[1]!.id, status: 'committed' }])
    expect(problems.map(({ code }) => code)).toEqual(['outbox-corrupt'])
    expect(problems[0]!.issues).toMatchObject([{ at: hurt }])
    expect(expectRight(await outbox.backlog()()).corrupt).toEqual([hurt])
    expect((await run()).problems).toEqual([])
  })

  it('delivers an entry that was damaged after its transaction was signed', async () => {
    expectRight(await outbox.enqueue([records[0]!])())
    ledger.script(['fine', 'away'])
    await run()
    const [hurt] = await readdir(outbox.folders.entries)
    await truncate(join(outbox.folders.entries, hurt!), 10)
    expect((await run()).problems.map(({ code }) => code)).toEqual(['outbox-corrupt'])
    expect(ledger.committed.get(records[0]!.id)).toHaveLength(1)
  })

  it('sends anew where the kept transaction is damaged', async () => {
    expectRight(await outbox.enqueue([records[0]!])())
    ledger.script(['fine', 'away'])
    await run()
    const [kept] = await readdir(outbox.folders.transactions)
    await truncate(join(outbox.folders.transactions, kept!), 50)
    const { records: delivered, problems } = await run()
    expect(delivered).toMatchObject([{ status: 'committed' }])
    expect(problems.map(({ code }) => code)).toEqual(['outbox-corrupt'])
  })

  it('is done by one process at a time, while others may queue', async () => {
    const lock = expectRight(await takeLock(nodeFileSystem, systemProcesses, outbox.folders.locks, 'outbox-locked'))
    expect(expectLeft(await deliver({ outbox, ledger: ledger.ledger })()).code).toBe('outbox-locked')
    expectRight(await outbox.enqueue(records)())
    await lock.release()
    expect((await run()).records).toHaveLength(12)
  })

  it('queues nothing where one of the records cannot be read', async () => {
    expect(
      expectLeft(await outbox.enqueue([records[0]!, { bytes: Buffer.from('{"schema":"bims.macro/1" }') }])()).code
    ).toBe('json-not-canonical')
    expect(expectRight(await outbox.backlog()()).records).toBe(0)
  })

  it('says when the folder may not be written', async () => {
    await writeFile(join(dir, 'file'), '')
    expect(expectLeft(await openOutbox(join(dir, 'file', 'outbox'))()).code).toBe('file-io')
  })

  it('tells a ledger that was cut short since the last delivery, and remembers the height it saw', async () => {
    const seen = seenHeight(dir, { channel: 'bims', organizations: [] })
    const send = async (n: number): Promise<Delivery> => {
      expectRight(await outbox.enqueue([records[n]!])())
      return expectRight(await deliver({ outbox, ledger: ledger.ledger, seen })())
    }
    for (const n of [0, 1, 2]) expect((await send(n)).problems).toEqual([])
    expect(expectRight(await seen.block()())).toBe(3)
    // Whoever runs the ledger puts it back to an old copy.
    ledger = new ModelLedger()
    const { problems, records: sent } = await send(3)
    expect(sent).toMatchObject([{ status: 'committed', block: 1 }])
    expect(problems).toMatchObject([{ code: 'ledger-shortened' }])
    expect(problems[0]!.what).toMatch(/block 1\b.*block 3\b/)
    expect(expectRight(await seen.block()())).toBe(3)
  })
})

describe('restricted entries', () => {
  it('travel apart from public ones, to their owner alone, and count once they are read back', async () => {
    expectRight(await outbox.enqueue([records[0]!])())
    expectRight(await outbox.enqueue([records[1]!, records[2]!], { restricted: 'Org1MSP' })())
    expectRight(await outbox.enqueue([records[3]!])())
    ledger.holders = ['a:1', 'b:1']
    const { records: delivered } = await run()
    const copies = new Map(delivered.map(({ id, copies }) => [id, copies]))
    expect(records.slice(0, 4).map(({ id }) => copies.get(id))).toEqual([undefined, 2, 2, undefined])
    expect(delivered.map(({ status }) => status)).toEqual(Array(4).fill('committed'))
    // However they were mixed when they were queued, two transactions are enough.
    expect(ledger.endorsers).toEqual([undefined, ['Org1MSP']])
  })

  it('stay queued while no peer gives them back, and are sent anew', async () => {
    expectRight(await outbox.enqueue([records[1]!], { restricted: 'Org1MSP' })())
    const { records: waiting, problems } = await run()
    expect(waiting).toMatchObject([{ status: 'queued', error: { code: 'ledger-timeout' } }])
    expect(problems.map(({ code }) => code)).toEqual(['ledger-timeout'])
    expect(expectRight(await outbox.backlog()())).toMatchObject({ records: 1, transactions: 1 })
    ledger.holders = ['b:1']
    expect((await run()).records).toMatchObject([{ status: 'committed', copies: 1 }])
    expect(expectRight(await outbox.backlog()())).toMatchObject({ records: 0, transactions: 0 })
    expect(ledger.endorsed).toBe(1)
  })

  it('are parted with their owner kept', async () => {
    expectRight(await outbox.enqueue(records.slice(0, 4), { restricted: 'Org1MSP' })())
    refuse(2, 'record-schema')
    ledger.holders = ['a:1']
    const { records: delivered } = await run()
    expect(delivered.filter(({ status }) => status === 'committed')).toHaveLength(3)
    expect(ledger.endorsers.every(one => one?.[0] === 'Org1MSP')).toBe(true)
  })
})
