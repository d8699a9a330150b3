import { startEmbedded, type EmbeddedNetwork } from '@bims/network'
import { cp, mkdir, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bims, makeMask, newWorkspace, run, type Workspace } from '../workspace.ts'

let workspace: Workspace
let network: EmbeddedNetwork | undefined
const at = (name: string): string => workspace.at(name)
const as = (user: string): readonly string[] => ['--as', user, '--network', at('net'), '--outbox', at('box')]
const trust = (...names: readonly string[]): readonly string[] => names.flatMap(name => ['--trust', at(`${name}.pem`)])
const blocks = (): string => join(at('net'), 'ledger', 'blocks')

beforeAll(async () => {
  workspace = await newWorkspace()
  await makeMask(workspace)
  network = await startEmbedded({ dir: at('net') })
  for (const { mspRoots, name } of network.profile.organizations)
    await writeFile(at(`${name}.pem`), mspRoots.join('\n'))
  await bims('save', at('mask.tif'), '--log', at('session.py'), '--to', at('saved.tif'), ...as('org1/alice'))
  await bims('submit', ...as('org1/alice'))
})
afterAll(async () => {
  await network?.close()
  await workspace.remove()
})

describe('bims audit', () => {
  it('reads the whole chain from a peer, as an auditor of another organisation', async () => {
    const { code, json } = await bims('audit', ...as('org2/otto'), '--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({
      ok: true,
      channel: 'bims',
      blocks: 2,
      transactions: 2,
      records: 2,
      problems: [],
      organizations: ['Org1MSP', 'Org2MSP'],
      last: { block: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) }
    })
    expect(json().signatures).toBeGreaterThan(3)
    expect(json().unsigned.map(({ field }: { readonly field: string }) => field)).toContain('TRANSACTIONS_FILTER')
  })

  it('says it in words', async () => {
    const { code, out } = await bims('audit', ...as('org1/alice'))
    expect(code).toBe(0)
    expect(out).toMatch(/^OK: channel bims, 2 blocks, 2 transactions, \d+ signatures, 2 records\n/)
    expect(out).toContain('nobody signs TRANSACTIONS_FILTER')
  })

  it('reads the same from the block files, and from single blocks', async () => {
    const fromPeer = (await bims('audit', ...as('org1/alice'), '--json')).json()
    const flags = [...trust('org1', 'org2'), '--json']
    const fromFiles = await bims('audit', '--blocks', blocks(), ...flags)
    expect([fromFiles.code, fromFiles.json()]).toEqual([0, fromPeer])
    const { storedBlocks } = await import('@bims/ledger/blocks')
    await mkdir(at('single'), { recursive: true })
    for await (const piece of storedBlocks(blocks()))
      if (piece._tag === 'Block') await writeFile(join(at('single'), `${'zyx'[piece.number] ?? ''}.block`), piece.bytes)
    const fromSingle = await bims('audit', '--blocks', at('single'), ...flags)
    expect([fromSingle.code, fromSingle.json()]).toEqual([0, fromPeer])
  })

  it('exits with 1 where roots are missing, where a block is another one than seen, and where bytes are damaged', async () => {
    const half = await bims('audit', '--blocks', blocks(), ...trust('org1'), '--json')
    expect([half.code, half.json().problems[0].kind]).toEqual([1, 'trust'])
    const seen = ['--seen', `1:${'ab'.repeat(32)}`]
    const other = await bims('audit', '--blocks', blocks(), ...trust('org1', 'org2'), ...seen, '--json')
    expect([other.code, other.json().problems[0].kind]).toEqual([1, 'other-chain'])
    await cp(blocks(), at('damaged'), { recursive: true })
    const [file] = await readdir(at('damaged'))
    const bytes = await readFile(join(at('damaged'), file!))
    bytes[bytes.length - 500]! ^= 1
    await writeFile(join(at('damaged'), file!), bytes)
    const damaged = await bims('audit', '--blocks', at('damaged'), ...trust('org1', 'org2'))
    expect(damaged.code).toBe(1)
    expect(damaged.out).toContain('block 1')
    expect(damaged.out).toContain('checksum')
  })

  it('finds a chain that was cut short since it was seen', async () => {
    await bims('audit', ...as('org1/alice'))
    await cp(blocks(), at('short'), { recursive: true })
    const [file] = await readdir(at('short'))
    const path = join(at('short'), file!)
    const handle = await open(path)
    const head = Buffer.alloc(8)
    await handle.read(head, 0, 8, 0)
    await handle.close()
    await truncate(path, 24 + head.readUInt32BE(4))
    expect((await stat(path)).size).toBeGreaterThan(24)
    const cut = await bims('audit', '--blocks', at('short'), ...as('org1/alice'), '--json')
    expect([cut.code, cut.json().problems]).toEqual([
      1,
      [expect.objectContaining({ kind: 'shortened', what: expect.stringContaining('block 1 was seen') })]
    ])
  })

  it.each([
    ['a folder without blocks', ['--blocks', '.'], 'file-missing'],
    ['a folder that is not there', ['--blocks', './nowhere'], 'file-missing'],
    ['a block that is none', ['--blocks', '.', '--seen', 'x'], 'usage'],
    ['threads that are no number', ['--blocks', '.', '--threads', 'many'], 'usage']
  ])('refuses %s', async (_, flags, error) => {
    const { code, json } = await bims('audit', ...flags, '--json')
    expect([code, json().error.code]).toEqual([2, error])
  })

  it('stops when it is told to', async () => {
    const { code, json } = await run(['audit', ...as('org1/alice'), '--json'], { signal: AbortSignal.abort() })
    expect([code, json().error.code]).toEqual([130, 'interrupted'])
  })

  it('cannot answer where no peer does', async () => {
    await network?.close()
    network = undefined
    const { code, json } = await bims('audit', ...as('org1/alice'), '--json')
    expect([code, json().error.code]).toEqual([3, 'ledger-unreachable'])
    await rm(at('single'), { recursive: true })
  })
})
