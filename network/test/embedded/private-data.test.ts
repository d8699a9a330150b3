import { createHash, randomBytes } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, inflateSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { peer } from '@hyperledger/fabric-protos'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { hashOfKey } from '../../src/embedded/private-data/collection.ts'
import { openPrivateStore } from '../../src/embedded/private-data/private-store.ts'
import type { PrivateStore, PrivateStoreOptions } from '../../src/embedded/private-data/private-store.ts'
import type { WrittenHash } from '../../src/embedded/private-data/private-keys.ts'
import { connectAs, text } from '../client.ts'
import type { TestClient } from '../client.ts'
import { probe } from '../fixtures/probe.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const Code = peer.TxValidationCode
const own = '_implicit_org_Org1MSP'
const sha256 = (content: Uint8Array | string): Buffer => createHash('sha256').update(content).digest()
// Cannot be compressed, so that it is found as it is wherever it stands.
const newSecret = (): string => randomBytes(48).toString('base64')

const filesOf = async (dir: string): Promise<readonly string[]> =>
  (await readdir(dir, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))

const holding = async (dir: string, wanted: string): Promise<readonly string[]> => {
  const found: string[] = []
  for (const file of await filesOf(dir)) if ((await readFile(file)).includes(wanted)) found.push(file)
  return found
}

describe('private data of the embedded ledger', () => {
  let dir: string
  let network: EmbeddedNetwork
  const open: { readonly close: () => unknown }[] = []
  const start = async (folder: string): Promise<EmbeddedNetwork> => {
    const started = await startEmbedded({ dir: folder, chaincodes: [probe] })
    open.push(started)
    return started
  }
  const as = (on: EmbeddedNetwork, identity = 'org1/alice'): TestClient => {
    const client = connectAs(on, identity)
    open.push(client)
    return client
  }
  const contractOf = (
    on: EmbeddedNetwork
  ): ReturnType<ReturnType<TestClient['gateway']['getNetwork']>['getContract']> =>
    as(on).gateway.getNetwork('bims').getContract('probe')
  const put = async (on: EmbeddedNetwork, key: string, content: string): Promise<number> => {
    const given = { arguments: [own, key], transientData: { content } }
    return (await (await contractOf(on).submitAsync('putPrivate', given)).getStatus()).code
  }
  const get = async (on: EmbeddedNetwork, key: string): Promise<string> =>
    text(await contractOf(on).evaluateTransaction('getPrivate', own, key))
  /** The files as a process leaves them that is killed now. */
  const killedCopy = async (): Promise<string> => {
    const copy = await mkdtemp(join(tmpdir(), 'bims-private-'))
    // Files that are being rewritten may go while they are copied: a copy without them is of no moment that there was.
    for (let left = 20; ; left--) {
      try {
        await cp(dir, copy, { recursive: true })
        return copy
      } catch (error) {
        if (left === 0) throw error
        await rm(copy, { recursive: true })
      }
    }
  }

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-private-'))
    network = await start(dir)
  })
  afterAll(async () => {
    for (const one of open.reverse()) await one.close()
    await rm(dir, { recursive: true })
  })

  it('acknowledged is there after a kill, with the index and without it', async () => {
    const contents = new Map(Array.from({ length: 20 }, (_, i) => [`kept${String(i)}`, newSecret()] as const))
    const codes = await Promise.all([...contents].map(([key, content]) => put(network, key, content)))
    expect(new Set(codes)).toEqual(new Set([Code.VALID]))
    for (const withIndex of [true, false]) {
      const copy = await killedCopy()
      if (!withIndex) await rm(join(copy, 'ledger', 'index'), { recursive: true })
      const again = await start(copy)
      for (const [key, content] of contents) expect(await get(again, key)).toBe(content)
      const listed = JSON.parse(text(await contractOf(again).evaluateTransaction('rangePrivate', own, 'kept', 'kepu')))
      expect(new Map(listed)).toEqual(contents)
      expect(await put(again, 'kept0', 'other')).toBe(Code.VALID)
      expect(await get(again, 'kept0')).toBe('other')
      await again.close()
      await rm(copy, { recursive: true })
    }
  })

  it('that was endorsed before a kill is there when its transaction is submitted after it', async () => {
    const content = newSecret()
    const given = { arguments: [own, 'later'], transientData: { content } }
    const endorsed = await contractOf(network).newProposal('putPrivate', given).endorse()
    const copy = await killedCopy()
    const again = await start(copy)
    const commit = await as(again).gateway.newTransaction(endorsed.getBytes()).submit()
    expect((await commit.getStatus()).code).toBe(Code.VALID)
    expect(await get(again, 'later')).toBe(content)
    await again.close()
    await rm(copy, { recursive: true })
  })

  it('never stands in a block, nor in the index', async () => {
    const secret = newSecret()
    await put(network, 'searched', secret)
    const ledger = join(dir, 'ledger')
    expect(await holding(ledger, secret)).toEqual(
      (await filesOf(join(ledger, 'private'))).filter(f => f.endsWith('.log'))
    )
    expect(await holding(ledger, 'searched')).not.toEqual([])
    expect(await holding(join(ledger, 'blocks'), secret)).toEqual([])
    for (const file of await filesOf(join(ledger, 'blocks')))
      for (const bytes of inflated(await readFile(file))) expect(bytes.includes(secret)).toBe(false)
    expect(await holding(join(ledger, 'index'), secret)).toEqual([])
  })

  it('that is purged is gone from the files, every version of it, and stays so', async () => {
    const [first, second, other] = [newSecret(), newSecret(), newSecret()]
    for (const content of [first, second]) expect(await put(network, 'purged', content)).toBe(Code.VALID)
    expect(await put(network, 'beside', other)).toBe(Code.VALID)
    const before = await killedCopy()
    expect(await holding(before, first)).not.toEqual([])
    await contractOf(network).submitTransaction('purgePrivate', own, 'purged')
    const copy = await killedCopy()
    const again = await start(copy)
    expect(await get(again, 'purged')).toBe('')
    expect(await get(again, 'beside')).toBe(other)
    await again.close()
    for (const secret of [first, second]) expect(await holding(copy, secret)).toEqual([])
    await rm(join(copy, 'ledger', 'index'), { recursive: true })
    const rebuilt = await start(copy)
    expect(await get(rebuilt, 'purged')).toBe('')
    expect(await put(rebuilt, 'purged', 'again')).toBe(Code.VALID)
    expect(await get(rebuilt, 'purged')).toBe('again')
    await rebuilt.close()
    for (const folder of [before, copy]) await rm(folder, { recursive: true })
  })

  it('that is lost leaves its hash, and is told as missing', async () => {
    expect(await put(network, 'lost', newSecret())).toBe(Code.VALID)
    const copy = await killedCopy()
    await rm(join(copy, 'ledger', 'private'), { recursive: true })
    const again = await start(copy)
    await expect(get(again, 'lost')).rejects.toMatchObject({
      message: expect.stringContaining('private data matching public hash version is not available')
    })
    expect(text(await contractOf(again).evaluateTransaction('hashPrivate', own, 'lost'))).toHaveLength(64)
    expect(await put(again, 'lost', 'new')).toBe(Code.VALID)
    expect(await get(again, 'lost')).toBe('new')
    await again.close()
    await rm(copy, { recursive: true })
  })
})

// Whatever in it reads as a compressed stream.
const inflated = (bytes: Buffer): readonly Buffer[] => {
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length - 1; at++) {
    const inflate =
      bytes[at] === 0x78 ? inflateSync : bytes[at] === 0x1f && bytes[at + 1] === 0x8b ? gunzipSync : undefined
    if (inflate === undefined) continue
    try {
      found.push(inflate(bytes.subarray(at)))
    } catch {
      // It was none.
    }
  }
  return found
}

describe('the store of private data', () => {
  const dirs: string[] = []
  const stores: PrivateStore[] = []
  const openIn = async (dir: string, more: Partial<PrivateStoreOptions> = {}): Promise<PrivateStore> => {
    const store = await openPrivateStore({ dir, committed: () => Promise.resolve(undefined), ...more })
    stores.push(store)
    return store
  }
  const newDir = async (): Promise<string> => {
    const dir = await mkdtemp(join(tmpdir(), 'bims-private-store-'))
    dirs.push(dir)
    return dir
  }
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    for (const dir of dirs.splice(0)) await rm(dir, { recursive: true })
  })
  const collection = { namespace: 'cc', name: own }
  const write = (key: string, value: string | undefined) => ({
    collection,
    key,
    value: value === undefined ? undefined : Buffer.from(value)
  })
  const hashes = (key: string, value: string | undefined): WrittenHash => ({
    collection,
    keyHash: hashOfKey(key),
    valueHash: value === undefined ? undefined : sha256(value)
  })
  const names = async (store: PrivateStore): Promise<readonly string[]> => {
    const cursor = store.keys(collection, '', '')
    const found: string[] = []
    for (let key = await cursor.next(); key !== undefined; key = await cursor.next()) found.push(key)
    await cursor.close()
    return found
  }
  const valueOf = (store: PrivateStore, key: string, value: string, txId: string): string | undefined => {
    const entry = store.get(hashes(key, value), txId)
    return entry?.value === undefined ? undefined : Buffer.from(entry.value).toString()
  }
  const settled = (txId: string, written: readonly WrittenHash[]) => [{ txId, written, purged: [] }]

  it('keeps of two executions of one proposal the one that stands in the block', async () => {
    const store = await openIn(await newDir())
    await store.keep('t', [write('k', 'one')])
    await store.keep('t', [write('k', 'two'), write('only second', 'x')])
    await store.settle(settled('t', [hashes('k', 'one')]), () => true)
    expect(valueOf(store, 'k', 'one', 't')).toBe('one')
    expect(valueOf(store, 'k', 'two', 't')).toBeUndefined()
    expect(await names(store)).toEqual(['k'])
  })

  it('forgets what waited too long, but never what stands in a block', async () => {
    const dir = await newDir()
    const committed = (txId: string): Promise<readonly WrittenHash[] | undefined> =>
      Promise.resolve(txId === 'late' ? [hashes('late', 'v')] : undefined)
    const store = await openIn(dir, { committed, limits: { maxAgeMs: 0, minAgeMs: 0 } })
    await store.keep('never', [write('never', 'v')])
    await store.keep('late', [write('late', 'v')])
    await store.keep('now', [write('now', 'v')])
    expect(valueOf(store, 'never', 'v', 'never')).toBeUndefined()
    expect(valueOf(store, 'late', 'v', 'late')).toBe('v')
    expect(valueOf(store, 'now', 'v', 'now')).toBe('v')
    expect(await names(store)).toEqual(['late', 'now'])
  })

  it('keeps what waits when the clock is set, ahead or back', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const dir = await newDir()
      const store = await openIn(dir)
      for (const [n, days] of [2, -4].entries()) {
        await store.keep(`a${n}`, [write(`a${n}`, 'v')])
        vi.setSystemTime(Date.now() + days * 24 * 3600 * 1000)
        await store.keep(`b${n}`, [write(`b${n}`, 'v')])
      }
      for (const name of ['a0', 'b0', 'a1', 'b1']) expect(valueOf(store, name, 'v', name)).toBe('v')
    } finally {
      vi.useRealTimers()
    }
  })

  it('refuses what does not fit, and has room again when transactions are in blocks', async () => {
    const store = await openIn(await newDir(), { limits: { maxBytes: 3000 } })
    await store.keep('a', [write('a', 'x'.repeat(1500))])
    await expect(store.keep('b', [write('b', 'x'.repeat(1500))])).rejects.toMatchObject({ code: 8 })
    await store.settle(settled('a', [hashes('a', 'x'.repeat(1500))]), () => true)
    await store.keep('b', [write('b', 'x'.repeat(1500))])
    expect(valueOf(store, 'a', 'x'.repeat(1500), 'a')).toBeDefined()
    expect(valueOf(store, 'b', 'x'.repeat(1500), 'b')).toBeDefined()
  })

  it('settles at the start what a kill left unsettled', async () => {
    const dir = await newDir()
    const before = await openIn(dir)
    await before.keep('t', [write('k', 'one')])
    await before.keep('t', [write('k', 'two')])
    await before.close()
    stores.splice(0)
    const committed = (): Promise<readonly WrittenHash[]> => Promise.resolve([hashes('k', 'two')])
    const store = await openIn(dir, { committed })
    await store.reconcile()
    expect(valueOf(store, 'k', 'one', 't')).toBeUndefined()
    expect(valueOf(store, 'k', 'two', 't')).toBe('two')
  })

  it('purges what transactions before wrote, and not what is to come', async () => {
    const store = await openIn(await newDir())
    for (const txId of ['before', 'after']) await store.keep(txId, [write('k', txId)])
    await store.keep('other', [write('other', 'v')])
    const purge = { txId: 'purge', written: [], purged: [{ collection, keyHash: hashOfKey('k') }] }
    await store.settle([purge], txId => txId === 'before')
    expect(valueOf(store, 'k', 'before', 'before')).toBeUndefined()
    expect(valueOf(store, 'k', 'after', 'after')).toBe('after')
    expect(await names(store)).toEqual(['k', 'other'])
    await store.settle([purge], txId => txId !== 'other')
    expect(await names(store)).toEqual(['other'])
    await store.erased()
    expect(valueOf(store, 'other', 'v', 'other')).toBe('v')
  })

  it('keeps deletions, and gives nothing for a value that is damaged or not there', async () => {
    const store = await openIn(await newDir())
    await store.keep('t', [write('k', undefined)])
    expect(store.get(hashes('k', undefined), 't')).toEqual({ key: 'k', value: undefined })
    expect(store.get(hashes('k', 'v'), 't')).toBeUndefined()
  })

  it('takes many writers, settlements and purges at once', async () => {
    const store = await openIn(await newDir())
    await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const txId = `t${String(i)}`
        await store.keep(txId, [write(`k${String(i % 7)}`, txId)])
        const purged = i % 10 === 9 ? [{ collection, keyHash: hashOfKey(`k${String(i % 7)}`) }] : []
        await store.settle([{ txId, written: [hashes(`k${String(i % 7)}`, txId)], purged }], id => id === txId)
      })
    )
    const left = Array.from({ length: 60 }, (_, i) => i).filter(i => i % 10 !== 9)
    for (const i of left) expect(valueOf(store, `k${String(i % 7)}`, `t${String(i)}`, `t${String(i)}`)).toBeDefined()
    expect(await names(store)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6'])
  })
})
