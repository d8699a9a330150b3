import { writeTiff } from '@bims/adapters/containers/tiff/file'
import { nm } from '@bims/core'
import { startEmbedded, type EmbeddedNetwork } from '@bims/network'
import { isLeft } from 'fp-ts/lib/Either.js'
import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBims } from '../../src/index.ts'
import { bims, cells, makeMask, newIdentity, newWorkspace, type Run, type Workspace } from '../workspace.ts'

// A scientist with unpublished data, a colleague, another organisation, and a steward; every step is a command.
let workspace: Workspace
let network: EmbeddedNetwork | undefined
let manifest: string
let content: string
const at = (name: string): string => workspace.at(name)
const as = (user: string, ...args: readonly string[]): Promise<Run> =>
  bims(...args, '--as', user, '--network', at('net'), '--outbox', at(`box-${user.replace('/', '-')}`), '--json')

const done = async (run: Promise<Run>): Promise<ReturnType<Run['json']>> => {
  const { code, json, out } = await run
  expect([code, out]).toEqual([0, expect.anything()])
  return json()
}
const refused = async (run: Promise<Run>): Promise<readonly [number, string]> => {
  const { code, json } = await run
  return [code, json().error.code]
}

/** An image as a microscope leaves it, with metadata of its own. */
const newImage = async (name: string, seed: number): Promise<void> => {
  const written = await writeTiff(
    at(name),
    { axes: ['y', 'x'], shape: [120, 160], dtype: 'uint16', planes: [cells().map(value => value + seed)] },
    {
      ome: { name: `unpublished ${seed}`, pixelSize: { x: { value: 0.1, unit: 'um' }, y: { value: 0.1, unit: 'um' } } }
    }
  )()
  if (isLeft(written)) throw new Error(written.left.what)
  await copyFile(at(name), at(`bare-${name}`))
}

const blockBytes = async (): Promise<Buffer> => {
  const files = await readdir(at('net'), { recursive: true })
  const blocks: Buffer[] = []
  for (const file of files.filter(name => /(?:^|\/)blocks\//.test(name)))
    if ((await stat(join(at('net'), file))).isFile()) blocks.push(await readFile(join(at('net'), file)))
  return Buffer.concat(blocks)
}

beforeAll(async () => {
  workspace = await newWorkspace()
  network = await startEmbedded({ dir: at('net') })
  expect((await bims('network', 'enroll', 'org1/carl', '--role', 'scientist', '--dir', at('net'))).code).toBe(0)
  await newImage('one.tif', 1)
  await newImage('two.tif', 2)
}, 300_000)
afterAll(async () => {
  await network?.close()
  await workspace.remove()
})

describe('unpublished data', () => {
  it('are saved and submitted for the own organisation alone', async () => {
    const saved = await done(as('org1/alice', 'save', at('one.tif'), '--restricted', '--in-place'))
    expect(saved).toMatchObject({ restricted: true, signedBy: expect.stringContaining('alice') })
    expect(saved.queued).toHaveLength(2)
    expect(saved.attached.length).toBeGreaterThan(0)
    manifest = saved.manifest
    content = saved.images[0].content
    const bundle = await done(bims('extract', at('one.tif')))
    expect([bundle.manifest, ...bundle.records].map(({ schema, salt }) => [schema, typeof salt]).sort()).toEqual([
      ['bims.acquisition/1', 'string'],
      ['bims.manifest/1', 'string']
    ])
    const { records, attachments, warnings } = await done(as('org1/alice', 'submit'))
    expect(records).toMatchObject([
      { status: 'committed', copies: 1 },
      { status: 'committed', copies: 1 }
    ])
    expect(attachments.map(({ digest, status }: Record<string, string>) => [digest, status])).toEqual(
      saved.attached.toSorted().map((digest: string) => [digest, 'kept'])
    )
    expect(warnings).toEqual([])
    const blocks = await blockBytes()
    expect(blocks.length).toBeGreaterThan(0)
    expect(blocks.includes(content)).toBe(false)
    expect(blocks.includes(manifest)).toBe(true)
  })

  it('are found, restored and verified by a colleague', async () => {
    const found = await done(as('org1/carl', 'find', '--restricted', '--image', at('bare-one.tif')))
    expect(found.records).toMatchObject([{ id: manifest, mspId: 'Org1MSP', enrollmentId: 'alice' }])
    expect((await done(as('org1/carl', 'find', '--restricted', '--id', manifest))).records).toHaveLength(1)
    const restored = await done(as('org1/carl', 'restore', at('bare-one.tif'), '--to', at('colleague.tif')))
    expect(restored).toMatchObject({ manifest, signedBy: expect.stringContaining('carl') })
    expect(restored.records).toHaveLength(1)
    expect(restored.attachments.length).toBeGreaterThan(0)
    expect(restored.missing.join()).not.toMatch(/the attachment|the record/)
    const root = at('net/organizations/org1/root.pem')
    const verified = await done(as('org1/carl', 'verify', at('colleague.tif'), '--trust', root))
    expect(verified.checks.find(({ name }: { name: string }) => name === 'ledger')).toMatchObject({
      status: 'pass',
      why: expect.stringContaining('restricted')
    })
  })

  it('are hidden from another organisation, whatever it asks', async () => {
    expect((await done(as('org2/bob', 'find', '--image', at('bare-one.tif')))).records).toEqual([])
    expect((await done(as('org2/bob', 'find', '--restricted'))).records).toEqual([])
    expect(await refused(as('org2/bob', 'find', '--id', manifest))).toEqual([2, 'ledger-not-found'])
    expect(await refused(as('org2/bob', 'find', '--id', manifest, '--restricted'))).toEqual([2, 'ledger-not-found'])
    expect(await refused(as('org2/bob', 'restore', at('bare-one.tif')))).toEqual([2, 'ledger-not-found'])
    expect(await refused(as('org2/sue', 'purge', manifest))).toEqual([2, 'ledger-not-found'])
    const verified = await as('org2/bob', 'verify', at('one.tif'), '--trust', at('net/organizations/org1/root.pem'))
    expect(verified.code).toBe(3)
    expect(verified.json().checks.find(({ name }: { name: string }) => name === 'ledger')).toMatchObject({
      status: 'not-checked',
      why: expect.stringContaining('restricted')
    })
  })

  it('have no receipt, which is told', async () => {
    expect(await refused(as('org1/alice', 'receipt', at('one.tif')))).toEqual([2, 'ledger-unsupported'])
  })

  it('are shared with another organisation, which may then read but not give them away', async () => {
    expect(await refused(as('org1/carl', 'share', 'org2', at('one.tif')))).toEqual([2, 'role-refused'])
    const shared = await done(as('org1/alice', 'share', 'org2', at('one.tif')))
    expect(shared.records).toHaveLength(2)
    expect(shared.attachments.length).toBeGreaterThan(0)
    const found = await done(as('org2/bob', 'find', '--restricted', '--image', at('bare-one.tif')))
    expect(found.records).toMatchObject([{ id: manifest, mspId: 'Org1MSP', enrollmentId: 'alice', shared: true }])
    const restored = await done(as('org2/bob', 'restore', at('bare-one.tif'), '--to', at('partner.tif')))
    expect(restored.manifest).toBe(manifest)
    expect(restored.records).toHaveLength(1)
    expect(restored.attachments).toEqual(shared.attachments)
    expect(restored.missing.join()).not.toMatch(/the attachment/)
    expect(await refused(as('org2/bob', 'release', manifest))).toEqual([2, 'ledger-not-found'])
    expect((await blockBytes()).includes(content)).toBe(false)
  })

  it('are released: everybody finds them, and receipts prove them', async () => {
    expect((await done(as('org1/alice', 'release', at('one.tif')))).records).toHaveLength(2)
    expect((await done(as('org2/bob', 'find', '--image', at('bare-one.tif')))).records).toMatchObject([
      { id: manifest }
    ])
    const { receipts, warnings } = await done(as('org1/alice', 'receipt', at('one.tif')))
    expect(receipts.map(({ over }: { over: string }) => over)).toContain(manifest)
    expect([receipts.length, warnings]).toEqual([2, []])
    expect(await done(as('org2/otto', 'audit'))).toMatchObject({ ok: true, problems: [] })
  })
})

describe('what is made from restricted data', () => {
  it('is restricted too, and goes in other transactions than what is public', async () => {
    await makeMask(workspace)
    await done(as('org1/alice', 'save', at('cells.tif'), '--restricted', '--in-place'))
    const log = ['--log', at('session.py'), '--to']
    const inherited = await done(as('org1/alice', 'save', at('mask.tif'), ...log, at('inherited.tif')))
    expect(inherited).toMatchObject({ restricted: true, warnings: [expect.stringContaining('bims release')] })
    const open = await done(as('org1/alice', 'save', at('mask.tif'), ...log, at('open.tif'), '--no-restricted'))
    expect(open).toMatchObject({ restricted: false, warnings: [] })
    const { records } = await done(as('org1/alice', 'submit'))
    const byId = new Map(records.map((record: { id: string }) => [record.id, record]))
    const transactionsOf = (ids: readonly string[]): Set<unknown> =>
      new Set(ids.map(id => (byId.get(id) as { transaction?: string } | undefined)?.transaction))
    const [hidden, shown] = [transactionsOf(inherited.queued), transactionsOf(open.queued)]
    expect(hidden.has(undefined) || shown.has(undefined)).toBe(false)
    expect([...hidden].some(transaction => shown.has(transaction))).toBe(false)
    const found = await done(as('org2/bob', 'find', '--kind', 'macro'))
    expect(found.records.map(({ id }: { id: string }) => id)).toEqual([open.macro.id])
    // A replay of what is restricted is restricted as well.
    expect((await as('org1/alice', 'replay', at('inherited.tif'), '--to', at('again'))).code).toBe(0)
    const again = await done(bims('extract', at('again/mask.ome.tif')))
    expect(again.manifest).toMatchObject({ salt: expect.any(String), replayOf: { manifest: inherited.manifest } })
  })

  it('is not submitted as restricted where it was saved as public', async () => {
    expect(await refused(as('org1/alice', 'submit', '--restricted', at('open.tif')))).toEqual([2, 'usage'])
    expect(await refused(as('org1/alice', 'share', 'org2', at('open.tif')))).toEqual([2, 'usage'])
  })

  it('needs an owner that is known before anything is written', async () => {
    const { identity } = await newIdentity(workspace)
    const args = ['save', at('two.tif'), '--restricted', '--to', at('nobody.tif'), '--outbox', at('box'), '--json']
    const run = await bims(...args, '--identity', identity)
    expect([run.code, run.json().error.code]).toEqual([2, 'usage'])
    await writeFile(at('profile.json'), 'no profile')
    const broken = await bims(...args, '--no-restricted', '--identity', identity, '--network', workspace.folder)
    expect([broken.code, broken.json().error.code]).toEqual([2, 'profile-malformed'])
    await expect(stat(at('nobody.tif'))).rejects.toThrow('ENOENT')
  })
})

describe('restricted records that are no longer to be relied on', () => {
  it('are superseded and withdrawn without a word to others', async () => {
    const first = await done(as('org1/alice', 'save', at('two.tif'), '--restricted', '--to', at('first.tif')))
    const second = await done(as('org1/alice', 'save', at('two.tif'), '--restricted', '--to', at('second.tif')))
    await done(as('org1/alice', 'submit'))
    await done(as('org1/alice', 'supersede', first.manifest, second.manifest, '--reason', 'wrong scale'))
    await done(as('org1/alice', 'withdraw', second.manifest, '--reason', 'mixed-up sample'))
    for (const kind of ['supersede', 'withdraw'])
      expect((await done(as('org2/bob', 'find', '--kind', kind))).records).toEqual([])
    // The newest was withdrawn; what it replaced still stands.
    const restored = await done(as('org1/carl', 'restore', at('bare-two.tif'), '--to', at('standing.tif')))
    expect(restored.manifest).toBe(first.manifest)
  })

  it('are purged by the steward with their attachments, and by nobody else', async () => {
    expect(await refused(as('org1/alice', 'purge', at('first.tif')))).toEqual([2, 'role-refused'])
    const purged = await done(as('org1/sam', 'purge', at('first.tif')))
    expect(purged.records).toHaveLength(2)
    expect(purged.attachments.length).toBeGreaterThan(0)
    await done(as('org1/sam', 'purge', at('second.tif')))
    expect(await refused(as('org1/carl', 'restore', at('bare-two.tif')))).toEqual([2, 'ledger-not-found'])
    const left = await done(as('org1/carl', 'find', '--restricted', '--image', at('bare-two.tif')))
    expect(left.records).toEqual([])
    expect(await refused(as('org1/sam', 'purge', at('first.tif')))).toEqual([2, 'ledger-not-found'])
    expect(await done(as('org1/audrey', 'audit'))).toMatchObject({ ok: true, problems: [] })
  })
})

describe('an instrument whose program records restricted', () => {
  it('submits for its organisation, and a steward shares what it submitted', async () => {
    const own = await openBims({ as: 'org1/scope', network: at('net'), outbox: at('box-scope'), restricted: true })
    const acq = (await own.instrument({ maker: 'Acme', model: 'X1' })).begin({
      axes: ['y', 'x'],
      shape: [4, 4],
      dtype: 'uint8'
    })
    acq.channel(0, { modality: 'light', excitation: nm(488) })
    acq.native('acme-ini', 'secret=recipe\n')
    await acq.plane({}, new Uint8Array(16))
    const saved = await own.save(at('recorded.tif'), await acq.end())
    expect(saved).toMatchObject({ restricted: true, queued: [expect.any(String)], attached: [expect.any(String)] })
    const [id = ''] = saved.queued
    const { records, attachments } = await own.submit()
    expect(records).toMatchObject([{ id, kind: 'acquisition', status: 'committed', copies: 1 }])
    expect(attachments).toMatchObject([{ digest: saved.attached[0], status: 'kept' }])
    // The steward submits the instrument, which is no secret, and nothing else of the file.
    const { records: described } = await done(as('org1/sam', 'submit', at('recorded.tif')))
    expect(described).toMatchObject([{ kind: 'instrument', status: 'committed' }])
    expect((await done(as('org1/scope', 'find', '--restricted'))).records).toMatchObject([
      { id, enrollmentId: 'scope' }
    ])
    expect(await refused(as('org1/alice', 'share', 'org2', id))).toEqual([2, 'role-refused'])
    await done(as('org1/sam', 'share', 'org2', id))
    const shared = await done(as('org2/bob', 'find', '--restricted', '--kind', 'acquisition'))
    expect(shared.records.map((record: { id: string }) => record.id)).toContain(id)
    expect((await blockBytes()).includes('recipe')).toBe(false)
  })
})
