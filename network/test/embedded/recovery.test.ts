import { spawn } from 'node:child_process'
import { cp, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { networkDown, networkStatus, networkUp, startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork, EmbeddedOptions } from '../../src/index.ts'
import { connectAs, text } from '../client.ts'
import { probe } from '../fixtures/probe.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let base: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'bims-recovery-'))
})
afterAll(() => rm(base, { recursive: true }))

const start = (dir: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedNetwork> =>
  startEmbedded({ dir, chaincodes: [probe], ...more })
const blockFile = (dir: string): string => join(dir, 'ledger', 'blocks', 'blocks-000000')

const put = async (network: EmbeddedNetwork, entries: Readonly<Record<string, string>>): Promise<void> => {
  const client = connectAs(network, 'org1/alice')
  const contract = client.gateway.getNetwork('bims').getContract('probe')
  for (const [key, value] of Object.entries(entries)) await contract.submitTransaction('put', key, value)
  client.close()
}
const get = async (network: EmbeddedNetwork, key: string): Promise<string> => {
  const client = connectAs(network, 'org2/bob')
  const value = text(await client.gateway.getNetwork('bims').getContract('probe').evaluateTransaction('get', key))
  client.close()
  return value
}
const history = async (network: EmbeddedNetwork, key: string): Promise<unknown[]> => {
  const client = connectAs(network, 'org1/alice')
  const entries = JSON.parse(
    text(await client.gateway.getNetwork('bims').getContract('probe').evaluateTransaction('history', key))
  ) as unknown[]
  client.close()
  return entries
}

describe('a chain on disk', () => {
  let whole: string
  let ports: readonly string[]

  // A chain of a genesis block and four transactions, copied for each test.
  beforeAll(async () => {
    whole = join(base, 'whole')
    const network = await start(whole)
    await put(network, { a: '1', b: '2', c: '3' })
    await put(network, { a: '4' })
    ports = network.profile.organizations.map(o => o.peers[0]!.endpoint)
    expect(network.height()).toBe(5)
    await network.close()
  })
  let copies = 0
  const copy = async (): Promise<string> => {
    const dir = join(base, `copy-${copies++}`)
    await cp(whole, dir, { recursive: true })
    return dir
  }

  it('is there again after a stop, at the same ports', async () => {
    const network = await start(whole)
    expect(network.height()).toBe(5)
    expect(network.profile.organizations.map(o => o.peers[0]!.endpoint)).toEqual(ports)
    expect(await get(network, 'a')).toBe('4')
    expect(await history(network, 'a')).toHaveLength(2)
    await network.close()
  })

  it('takes other ports where its own are taken, and says so in the profile', async () => {
    const first = await start(whole)
    const dir = await copy()
    const second = await start(dir)
    expect(second.profile.organizations.map(o => o.peers[0]!.endpoint)).not.toEqual(ports)
    expect(await get(second, 'a')).toBe('4')
    await second.close()
    await first.close()
  })

  it('is refused while it is open, in the same process and in another', async () => {
    const network = await start(whole)
    await expect(start(whole)).rejects.toMatchObject({ code: 'network-locked' })
    await network.close()
    const status = await networkUp(whole, { chaincodes: [probe] })
    expect(status.running).toBe(true)
    await expect(start(whole)).rejects.toMatchObject({ code: 'network-locked' })
    expect((await networkUp(whole)).pid).toBe(status.pid)
    expect(await networkDown(whole)).toMatchObject({ running: false })
    expect(await networkStatus(whole)).toMatchObject({ running: false, endpoint: status.endpoint })
    await expect(networkDown(whole)).rejects.toMatchObject({ code: 'network-not-running' })
    await (await start(whole)).close()
  })

  it('has its index built again where that is gone, or has lost blocks', async () => {
    const dir = await copy()
    await rm(join(dir, 'ledger', 'index'), { recursive: true })
    const network = await start(dir)
    expect(await get(network, 'a')).toBe('4')
    expect(await history(network, 'a')).toHaveLength(2)
    await put(network, { d: '5' })
    await network.close()
  })

  it('survives a damaged log of its index without losing anything', async () => {
    const fresh = join(base, 'fresh')
    const first = await start(fresh)
    await put(first, { a: '1', b: '2', c: '3' })
    await put(first, { a: '4' })
    await first.close()
    const log = (await readdir(join(fresh, 'ledger', 'index'))).find(name => name.endsWith('.log'))!
    const size = (await stat(join(fresh, 'ledger', 'index', log))).size
    expect(size).toBeGreaterThan(0)
    for (let at = 3; at < size; at += Math.ceil(size / 8)) {
      const dir = join(base, `damaged-${at}`)
      await cp(fresh, dir, { recursive: true })
      const path = join(dir, 'ledger', 'index', log)
      const bytes = await readFile(path)
      bytes[at] = bytes[at]! ^ 1
      await writeFile(path, bytes)
      const network = await start(dir)
      expect(network.height()).toBe(5)
      for (const [key, value] of [
        ['a', '4'],
        ['b', '2'],
        ['c', '3']
      ] as const)
        expect(await get(network, key)).toBe(value)
      expect(await history(network, 'a')).toHaveLength(2)
      await network.close()
      await rm(dir, { recursive: true })
    }
  })

  it('has its index built again where LevelDB cannot open it any more', async () => {
    const dir = await copy()
    const index = join(dir, 'ledger', 'index')
    await writeFile(join(index, 'CURRENT'), 'nonsense')
    const network = await start(dir)
    expect(await get(network, 'a')).toBe('4')
    await network.close()
  })

  it('leaves nothing unfinished of a writer that was killed', async () => {
    const dir = await copy()
    await writeFile(join(dir, 'profile.json.0123456789ab.tmp'), '{')
    await (await start(dir)).close()
    expect((await readdir(dir)).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  it('loses nothing but the torn end of a write that was never acknowledged', async () => {
    for (const tail of [
      Buffer.alloc(5, 1),
      Buffer.from('BIMB'),
      Buffer.alloc(4096),
      Buffer.concat([Buffer.from('BIMB'), Buffer.alloc(1024)])
    ]) {
      const dir = await copy()
      const size = (await stat(blockFile(dir))).size
      const handle = await open(blockFile(dir), 'a')
      await handle.write(tail)
      await handle.close()
      const network = await start(dir)
      expect(network.height()).toBe(5)
      expect((await stat(blockFile(dir))).size).toBe(size)
      await put(network, { d: '5' })
      expect(await get(network, 'd')).toBe('5')
      await network.close()
    }
  })

  it('loses a block that was cut off only where the index had not seen it', async () => {
    const dir = await copy()
    const size = (await stat(blockFile(dir))).size
    await truncate(blockFile(dir), size - 10)
    await expect(start(dir)).rejects.toMatchObject({ code: 'network-corrupt' })
    expect((await stat(blockFile(dir))).size).toBe(size - 10)
    // Without the index the cut block looks like one that was never acknowledged.
    await rm(join(dir, 'ledger', 'index'), { recursive: true })
    const network = await start(dir)
    expect(network.height()).toBe(4)
    expect(await get(network, 'a')).toBe('1')
    await network.close()
  })

  it('is refused with a bit of its blocks changed', async () => {
    const dir = await copy()
    const good = await readFile(blockFile(dir))
    for (let at = 0; at < good.length; at += Math.ceil(good.length / 8)) {
      const bytes = Buffer.from(good)
      bytes[at] = bytes[at]! ^ (1 << (at % 8))
      await writeFile(blockFile(dir), bytes)
      await expect(start(dir)).rejects.toMatchObject({ code: 'network-corrupt' })
      expect(await readFile(blockFile(dir))).toEqual(bytes)
    }
    await writeFile(blockFile(dir), good)
    await (await start(dir)).close()
  })

  it('is refused with a block file or the keys missing', async () => {
    const dir = await copy()
    await rm(join(dir, 'organizations'), { recursive: true })
    await expect(start(dir)).rejects.toMatchObject({ code: 'network-corrupt' })
    const other = await copy()
    await rm(blockFile(other))
    await expect(start(other)).rejects.toMatchObject({ code: 'network-corrupt' })
  })

  it('goes on over several block files', async () => {
    const dir = join(base, 'files')
    const network = await start(dir, { blockFileBytes: 20_000 })
    for (let i = 0; i < 8; i++) await put(network, { [`k${i}`]: 'x'.repeat(3000) })
    await network.close()
    expect((await readdir(join(dir, 'ledger', 'blocks'))).length).toBeGreaterThan(2)
    const again = await start(dir, { blockFileBytes: 20_000 })
    expect(again.height()).toBe(9)
    expect(await get(again, 'k7')).toHaveLength(3000)
    await put(again, { last: 'x' })
    await again.close()
  })
})

describe('kill -9', () => {
  const daemon = fileURLToPath(new URL('../../src/embedded/daemon.ts', import.meta.url))

  it('in a run of submissions loses no acknowledged transaction', async () => {
    const dir = join(base, 'killed')
    const acknowledged = new Map<string, string>()
    for (let round = 0; round < 6; round++) {
      const child = spawn(
        process.execPath,
        [daemon, '--dir', dir, '--options', JSON.stringify({ chaincodes: [probe] })],
        { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }
      )
      const exited = new Promise(resolve => child.once('exit', resolve))
      await new Promise((resolve, reject) => {
        child.once('message', message =>
          'ready' in (message as object) ? resolve(undefined) : reject(new Error(JSON.stringify(message)))
        )
      })
      const bytes = await readFile(join(dir, 'profile.json'), 'utf8')
      const client = connectAs({ profile: JSON.parse(bytes), profileFile: join(dir, 'profile.json') }, 'org1/alice')
      const contract = client.gateway.getNetwork('bims').getContract('probe')
      for (const [key, value] of [...acknowledged].slice(-20))
        expect(text(await contract.evaluateTransaction('get', key))).toBe(value)
      let going = true
      const work = Array.from({ length: 8 }, async (_, worker) => {
        for (let i = 0; going; i++) {
          const [key, value] = [`r${round}w${worker}i${i}`, `${Math.random()}`]
          await contract.submitTransaction('put', key, value)
          acknowledged.set(key, value)
        }
      })
      const settled = Promise.allSettled(work)
      // Killed at some moment after some acknowledgements, however long these take.
      const enough = acknowledged.size + 5 + Math.floor(Math.random() * 30)
      while (acknowledged.size < enough) await new Promise(resolve => setTimeout(resolve, 5))
      await new Promise(resolve => setTimeout(resolve, Math.random() * 20))
      child.kill('SIGKILL')
      going = false
      await exited
      client.close()
      await settled
    }
    const network = await startEmbedded({ dir, chaincodes: [probe] })
    const client = connectAs(network, 'org2/bob')
    const contract = client.gateway.getNetwork('bims').getContract('probe')
    expect(acknowledged.size).toBeGreaterThan(20)
    for (const [key, value] of acknowledged) {
      expect(text(await contract.evaluateTransaction('get', key))).toBe(value)
      expect(JSON.parse(text(await contract.evaluateTransaction('history', key)))).toHaveLength(1)
    }
    client.close()
    await network.close()
  })

  it('while the folder is made for the first time leaves one that can be made', async () => {
    for (let round = 0; round < 4; round++) {
      const dir = join(base, `born-${round}`)
      const child = spawn(
        process.execPath,
        [daemon, '--dir', dir, '--options', JSON.stringify({ chaincodes: [probe] })],
        { stdio: 'ignore' }
      )
      const exited = new Promise(resolve => child.once('exit', resolve))
      await new Promise(resolve => setTimeout(resolve, 250 + round * 120))
      child.kill('SIGKILL')
      await exited
      const network = await startEmbedded({ dir, chaincodes: [probe] })
      await put(network, { a: '1' })
      expect(await get(network, 'a')).toBe('1')
      expect(Object.keys(network.profile.organizations[0]!.identities).sort()).toEqual([
        'alice',
        'audrey',
        'sam',
        'scope'
      ])
      await network.close()
    }
  })
})
