import { startEmbedded, type EmbeddedNetwork } from '@bims/network'
import { nm } from '@bims/core'
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBims, type SubmitReport } from '../../src/index.ts'
import { bims, makeMask, newIdentity, newWorkspace, type Workspace } from '../workspace.ts'

// The embedded ledger really runs here; then it is stopped, and what is submitted waits.
let workspace: Workspace
let network: EmbeddedNetwork | undefined
const at = (name: string): string => workspace.at(name)
const as = (user: string): readonly string[] => [
  '--as',
  user,
  '--network',
  at('net'),
  '--outbox',
  at(`box-${user.replace('/', '-')}`)
]
const kinds = ({ records }: SubmitReport): readonly string[] =>
  records.map(({ kind, status }) => `${kind} ${status}`).sort()

beforeAll(async () => {
  workspace = await newWorkspace()
  await makeMask(workspace)
  network = await startEmbedded({ dir: at('net') })
})
afterAll(async () => {
  await network?.close()
  await workspace.remove()
})

describe('with a ledger that answers', () => {
  it('tells of the network', async () => {
    const { code, json } = await bims('network', 'status', '--dir', at('net'), '--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({
      profile: expect.stringContaining('profile.json'),
      running: true,
      organizations: [{ name: 'org1' }, { name: 'org2' }],
      endpoint: expect.anything()
    })
  })

  it('refuses a user that the network does not have', async () => {
    const { code, json } = await bims('save', at('mask.tif'), '--to', at('never.tif'), ...as('org1/nobody'), '--json')
    expect([code, json().error.code]).toEqual([2, 'identity-missing'])
    expect(json().error.advice).toContain('org1/alice')
  })

  it('commits what was saved, and verifies it as the other organisation', async () => {
    const saved = await bims(
      'save',
      at('mask.tif'),
      '--log',
      at('session.py'),
      '--to',
      at('saved.tif'),
      ...as('org1/alice'),
      '--json'
    )
    expect([saved.code, saved.json().queued.length]).toEqual([0, 2])
    const { code, json } = await bims('submit', ...as('org1/alice'), '--json')
    expect(code).toBe(0)
    expect(kinds(json())).toEqual(['image committed', 'macro committed'])
    for (const record of json().records)
      expect(record).toMatchObject({
        id: expect.stringMatching(/^sha256:/),
        block: expect.any(Number),
        transaction: expect.any(String)
      })
    const root = at('net/organizations/org1/root.pem')
    const verified = await bims('verify', at('saved.tif'), '--trust', root, ...as('org2/bob'), '--json')
    expect([verified.code, verified.json().verdict]).toEqual([0, 'verified'])
    expect(verified.json().checks.find(({ name }: { name: string }) => name === 'ledger')).toMatchObject({
      status: 'pass',
      why: expect.stringContaining('alice')
    })
  })

  it('says so where nothing waits', async () => {
    const { code, json } = await bims('submit', ...as('org1/alice'), '--json')
    expect([code, json().records]).toEqual([0, []])
  })

  it('takes the records of a file again, as the same', async () => {
    const { code, json } = await bims('submit', at('saved.tif'), ...as('org1/alice'), '--json')
    expect([code, kinds(json())]).toEqual([0, ['image committed', 'macro committed']])
  })

  it('submits what the role may, and leaves the rest to who may', async () => {
    const own = await openBims({ as: 'org1/scope', network: at('net'), outbox: at('box-scope') })
    const acq = (await own.instrument({ maker: 'Acme', model: 'X1' })).begin({
      axes: ['y', 'x'],
      shape: [4, 4],
      dtype: 'uint8'
    })
    acq.channel(0, { modality: 'light', excitation: nm(488) })
    await acq.plane({}, new Uint8Array(16))
    const result = await own.save(at('raw.tif'), await acq.end())
    expect(result.queued).toHaveLength(1)
    expect(result.warnings.join()).toMatch(/may not submit instrument, image/)
    const submitted = await own.submit()
    expect(kinds(submitted)).toEqual(['acquisition committed'])
    const steward = await bims('submit', at('raw.tif'), ...as('org1/sam'), '--json')
    expect([steward.code, kinds(steward.json())]).toEqual([0, ['instrument committed']])
    expect(steward.json().warnings.join()).toMatch(/may not submit/)
  })

  it('does not find on the ledger what was never submitted', async () => {
    await bims('save', at('cells.tif'), '--to', at('waiting.tif'), ...as('org1/alice'))
    const { code, json } = await bims(
      'verify',
      at('waiting.tif'),
      '--trust',
      at('net/organizations/org1/root.pem'),
      ...as('org2/bob'),
      '--json'
    )
    expect([code, json().verdict]).toEqual([3, 'incomplete'])
  })
})

describe('with a ledger that is down', () => {
  beforeAll(async () => {
    await network?.close()
    network = undefined
  })

  it('saves, and queues', async () => {
    const { code, json } = await bims(
      'save',
      at('mask.tif'),
      '--log',
      at('session.py'),
      '--to',
      at('later.tif'),
      ...as('org1/alice'),
      '--json'
    )
    expect([code, json().queued.length]).toEqual([0, 2])
  })

  it('tells how much waits, and makes no outbox by asking', async () => {
    const status = (...args: readonly string[]): ReturnType<typeof bims> =>
      bims('network', 'status', '--dir', at('net'), '--outbox', at('box-org1-alice'), ...args)
    const { code, json } = await status('--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({
      running: false,
      outbox: { dir: at('box-org1-alice'), records: 3, entries: 2, transactions: 0, attachments: 0, refused: [] }
    })
    expect((await status()).out).toMatch(/^outbox +3 records in .*box-org1-alice, for `bims submit`$/m)
    const nothing = await bims('network', 'status', '--dir', at('net'), '--outbox', at('box-nowhere'), '--json')
    expect(nothing.json()).not.toHaveProperty('outbox')
    await expect(readdir(at('box-nowhere'))).rejects.toThrow('ENOENT')
  })

  it('submits to the outbox, says so, and exits with 3', async () => {
    const { code, json } = await bims('submit', at('saved.tif'), ...as('org1/alice'), '--json')
    expect(code).toBe(3)
    const statuses = new Set(json().records.map(({ status }: { status: string }) => status))
    expect([...statuses]).toEqual(['queued'])
    expect(json().records.length).toBeGreaterThanOrEqual(4)
    expect(new Set(json().records.map(({ id }: { id: string }) => id)).size).toBe(json().records.length)
    expect(json().warnings.join()).toMatch(/\S/)
    const words = await bims('submit', ...as('org1/alice'))
    expect([words.code, words.out]).toEqual([3, expect.stringContaining('queued')])
  })

  it('needs no ledger where nothing waits', async () => {
    const { code, json } = await bims(
      'submit',
      '--as',
      'org1/alice',
      '--network',
      at('net'),
      '--outbox',
      at('box-empty'),
      '--json'
    )
    expect([code, json().records]).toEqual([0, []])
  })

  it('says of a verification that the ledger could not be asked', async () => {
    const { code, json } = await bims(
      'verify',
      at('saved.tif'),
      '--trust',
      at('net/organizations/org1/root.pem'),
      ...as('org2/bob'),
      '--json'
    )
    expect([code, json().verdict]).toEqual([3, 'incomplete'])
    expect(json().checks.find(({ name }: { name: string }) => name === 'ledger')).toMatchObject({
      status: 'not-checked',
      why: expect.stringContaining('cannot be reached')
    })
  })

  it('delivers once the ledger is back, each record once', async () => {
    const back = await startEmbedded({ dir: at('net') })
    try {
      const { code, json } = await bims('submit', ...as('org1/alice'), '--json')
      expect(code).toBe(0)
      expect(json().records.length).toBeGreaterThanOrEqual(4)
      const again = await bims('submit', ...as('org1/alice'), '--json')
      expect([again.code, again.json().records]).toEqual([0, []])
    } finally {
      await back.close()
    }
    expect((await readdir(at('box-org1-alice/entries'))).length).toBe(0)
  })
})

describe('without any network', () => {
  it('queues the records of a file, says so, and exits with 3; with nothing to queue it is an error', async () => {
    const { identity } = await newIdentity(workspace)
    const nothing = await bims('submit', '--identity', identity, '--outbox', at('box-none'), '--json')
    expect([nothing.code, nothing.json().error.code]).toEqual([3, 'ledger-unreachable'])
    const { code, json } = await bims(
      'submit',
      at('saved.tif'),
      '--identity',
      identity,
      '--outbox',
      at('box-none'),
      '--json'
    )
    expect([code, kinds(json())]).toEqual([3, ['image queued', 'macro queued']])
    expect(json().warnings.join()).toMatch(/network/)
  })
})
