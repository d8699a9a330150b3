import { startEmbedded, type EmbeddedNetwork } from '@bims/network'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bims, makeMask, newWorkspace, type Workspace } from '../workspace.ts'

// A file is saved and submitted while the ledger runs; what its receipts prove is asked when the ledger is gone.
let workspace: Workspace
let network: EmbeddedNetwork | undefined
const at = (name: string): string => workspace.at(name)
const as = (user: string): readonly string[] => ['--as', user, '--network', at('net'), '--outbox', at('box')]
const trust = (...names: readonly string[]): readonly string[] => names.flatMap(name => ['--trust', at(`${name}.pem`)])
const checkOf = (report: { readonly checks: readonly { readonly name: string }[] }): unknown =>
  report.checks.find(({ name }) => name === 'receipt')

beforeAll(async () => {
  workspace = await newWorkspace()
  await makeMask(workspace)
  network = await startEmbedded({ dir: at('net') })
  for (const { mspRoots, name } of network.profile.organizations)
    await writeFile(at(`${name}.pem`), mspRoots.join('\n'))
  await bims('save', at('mask.tif'), '--log', at('session.py'), '--to', at('saved.tif'), ...as('org1/alice'))
})
afterAll(async () => {
  await network?.close()
  await workspace.remove()
})

describe('bims receipt', () => {
  it('says that a record does not stand on the ledger yet, and leaves the file as it is', async () => {
    const before = await readFile(at('saved.tif'))
    const { code, json } = await bims('receipt', at('saved.tif'), ...as('org1/alice'), '--json')
    expect([code, json().error.code]).toEqual([2, 'ledger-not-found'])
    expect((await readFile(at('saved.tif'))).equals(before)).toBe(true)
  })

  it('embeds the receipts of the manifest and of the records that stand there, and touches nothing else', async () => {
    await bims('submit', ...as('org1/alice'))
    const before = JSON.parse((await bims('extract', at('saved.tif'))).out)
    const { code, json } = await bims('receipt', at('saved.tif'), ...as('org2/bob'), '--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({
      file: at('saved.tif'),
      receipts: [
        { block: 1, organizations: ['Org1MSP', 'Org2MSP'], trust: 'single-party' },
        { block: 1, organizations: ['Org1MSP', 'Org2MSP'], trust: 'single-party' }
      ]
    })
    const after = JSON.parse((await bims('extract', at('saved.tif'))).out)
    expect(after.receipts).toHaveLength(2)
    expect({ ...after, receipts: [] }).toEqual(before)
    const once = await bims('receipt', at('saved.tif'), ...as('org1/alice'))
    expect([once.code, once.out]).toEqual([0, expect.stringContaining('says Org1MSP and Org2MSP')])
    expect(JSON.parse((await bims('extract', at('saved.tif'))).out).receipts).toHaveLength(2)
  })

  it('takes only records of the file', async () => {
    const id = `sha256:${'0'.repeat(64)}`
    const { code, json } = await bims('receipt', at('saved.tif'), '--id', id, ...as('org1/alice'), '--json')
    expect([code, json().error.code]).toEqual([2, 'ledger-not-found'])
  })

  it('gives the original back', async () => {
    await cp(at('saved.tif'), at('stripped.tif'))
    await bims('strip', at('stripped.tif'))
    expect((await readFile(at('stripped.tif'))).equals(await readFile(at('mask.tif')))).toBe(true)
  })
})

describe('bims verify, when the ledger is gone', () => {
  beforeAll(async () => {
    await network?.close()
    network = undefined
  })

  it('verifies the receipts with the roots that are given, and says single-party', async () => {
    const { code, json } = await bims('verify', at('saved.tif'), ...trust('org1', 'org2'), '--json')
    expect(code).toBe(0)
    expect(json()).toMatchObject({ verdict: 'verified', trust: 'single-party' })
    expect(checkOf(json())).toMatchObject({
      status: 'pass',
      why: expect.stringContaining('an embedded ledger: one machine, one owner')
    })
  })

  it('fails where an endorser leads to no given root, or the receipt is of another channel or chaincode', async () => {
    for (const flags of [
      trust('org1'),
      [...trust('org1', 'org2'), '--channel', 'other'],
      [...trust('org1', 'org2'), '--chaincode', 'other']
    ]) {
      const { code, json } = await bims('verify', at('saved.tif'), ...flags, '--json')
      expect([code, json().verdict]).toEqual([1, 'failed'])
      expect(checkOf(json())).toMatchObject({ status: 'fail' })
    }
  })

  it('does not say what it could not check', async () => {
    const { code, json } = await bims('verify', at('saved.tif'), '--json')
    expect(code).toBe(3)
    expect(checkOf(json())).toMatchObject({ status: 'not-checked', why: expect.stringContaining('--trust') })
  })

  it('refuses a revocation list that is none', async () => {
    const { code, json } = await bims('verify', at('saved.tif'), ...trust('org1'), '--crl', at('org1.pem'), '--json')
    expect([code, json().error.code]).toEqual([2, 'certificate-invalid'])
    const missing = await bims('verify', at('saved.tif'), '--crl', join(workspace.folder, 'no.crl'), '--json')
    expect([missing.code, missing.json().error.code]).toEqual([2, 'file-missing'])
  })
})
