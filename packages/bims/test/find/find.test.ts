import { startEmbedded, type EmbeddedNetwork } from '@bims/network'
import { copyFile, readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bims, makeMask, newWorkspace, type Workspace } from '../workspace.ts'

let workspace: Workspace
let network: EmbeddedNetwork | undefined
let manifest: string
const at = (name: string): string => workspace.at(name)
const as = (user: string): readonly string[] => ['--as', user, '--network', at('net'), '--outbox', at('box'), '--json']

beforeAll(async () => {
  workspace = await newWorkspace()
  await makeMask(workspace)
  network = await startEmbedded({ dir: at('net') })
  await copyFile(at('mask.tif'), at('bare.tif'))
  const log = ['--log', at('session.py'), '--to', at('saved.tif')]
  const saved = await bims('save', at('mask.tif'), ...log, ...as('org1/alice'))
  manifest = saved.json().manifest
  const { code } = await bims('submit', ...as('org1/alice'))
  expect([saved.code, code]).toEqual([0, 0])
}, 300_000)
afterAll(async () => {
  await network?.close()
  await workspace.remove()
})

describe('bims find', () => {
  it('finds the manifest of a file without metadata by its pixels, as another organisation', async () => {
    const { code, json } = await bims('find', '--image', at('bare.tif'), ...as('org2/bob'))
    expect(code).toBe(0)
    expect(json().records).toMatchObject([
      { id: manifest, kind: 'image', mspId: 'Org1MSP', enrollmentId: 'alice', record: { schema: 'bims.manifest/1' } }
    ])
  })

  it('finds by id and by kind, owner and time; what is not there is told', async () => {
    const byId = await bims('find', '--id', manifest, ...as('org2/bob'))
    expect(byId.json().records).toMatchObject([{ id: manifest }])
    const macros = await bims('find', '--kind', 'macro', '--owner', 'org1', ...as('org2/bob'))
    expect(macros.json().records).toHaveLength(1)
    const later = await bims('find', '--kind', 'macro', '--from', '2999-01-01T00:00:00Z', ...as('org2/bob'))
    expect([later.code, later.json().records]).toEqual([0, []])
    const nowhere = await bims('find', '--id', `sha256:${'0'.repeat(64)}`, ...as('org2/bob'))
    expect([nowhere.code, nowhere.json().error.code]).toEqual([2, 'ledger-not-found'])
    const wrong = await bims('find', '--kind', 'picture', ...as('org2/bob'))
    expect([wrong.code, wrong.json().error.code]).toEqual([2, 'usage'])
  })

  it('tells what an image was made from', async () => {
    const { code, json } = await bims('find', '--image', at('bare.tif'), '--lineage', 'sources', ...as('org2/bob'))
    expect(code).toBe(0)
    expect(json().lineage).toMatchObject({ complete: true, edges: [{ derived: manifest, by: 'content' }] })
  })

  it('harvests all that one may read, as files or as lines', async () => {
    const folder = await bims('find', '--output', at('harvest'), ...as('org2/bob'))
    expect([folder.code, folder.json().records.length]).toEqual([0, 2])
    expect((await readdir(at('harvest'))).sort()).toEqual([
      `image-${manifest.slice(7)}.json`,
      expect.stringMatching(/^macro-[0-9a-f]{64}\.json$/)
    ])
    const lines = await bims('find', '--kind', 'image', '--output', at('harvest.ndjson'), ...as('org2/bob'))
    expect(lines.code).toBe(0)
    const [line = '', ...more] = (await readFile(at('harvest.ndjson'), 'utf8')).trimEnd().split('\n')
    expect(more).toEqual([])
    expect(JSON.parse(line)).toMatchObject({ id: manifest, record: { schema: 'bims.manifest/1' } })
    const again = await bims('find', '--output', at('harvest.ndjson'), ...as('org2/bob'))
    expect([again.code, again.json().error.code]).toEqual([2, 'file-exists'])
  })
})

describe('bims restore', () => {
  it('gives a file its history back, so that it verifies and carries the macro again', async () => {
    const restored = await bims('restore', at('bare.tif'), '--to', at('restored.tif'), ...as('org2/bob'))
    expect(restored.code).toBe(0)
    expect(restored.json()).toMatchObject({ manifest, signedBy: expect.stringContaining('bob') })
    expect(restored.json().records).toHaveLength(1)
    const root = at('net/organizations/org2/root.pem')
    const verified = await bims('verify', at('restored.tif'), '--trust', root, ...as('org2/bob'))
    const checks = Object.fromEntries(
      verified.json().checks.map(({ name, status }: { name: string; status: string }) => [name, status])
    )
    expect(checks).toMatchObject({ pixels: 'pass', manifest: 'pass', signature: 'pass', ledger: 'pass' })
    const twice = await bims('restore', at('restored.tif'), ...as('org2/bob'))
    expect([twice.code, twice.json().error.code]).toEqual([2, 'file-exists'])
  })

  it('says that nothing stands on the ledger with these pixels', async () => {
    const withdrawn = await bims('withdraw', manifest, '--reason', 'a test', ...as('org1/alice'))
    expect([withdrawn.code, withdrawn.json().records.length]).toEqual([0, 1])
    const { code, json } = await bims('restore', at('bare.tif'), ...as('org2/bob'))
    expect([code, json().error.code]).toEqual([2, 'ledger-not-found'])
  })
})
