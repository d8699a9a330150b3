import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { collectionsConfig } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bims, newWorkspace, type Workspace } from '../workspace.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const right = <A>(result: E.Either<unknown, A>): A =>
  E.getOrElse((): A => {
    throw new Error(JSON.stringify(result))
  })(result)

describe('bims network', () => {
  const own = "AND('Org1MSP.peer', 'Org2MSP.peer')"
  let workspace: Workspace
  let dir: string

  const network = async (...words: readonly string[]): Promise<{ code: number; value: Record<string, unknown> }> => {
    const { code, json } = await bims('network', ...words, '--dir', dir, '--json')
    return { code, value: json() }
  }

  beforeAll(async () => {
    workspace = await newWorkspace()
    dir = workspace.at('lab')
  })
  afterAll(async () => {
    for (const name of ['lab', 'twice']) await bims('network', 'down', '--dir', workspace.at(name))
    await workspace.remove()
  })

  it('says that nothing runs where nothing was started', async () => {
    for (const action of ['status', 'down'])
      expect(await network(action)).toMatchObject({ code: 3, value: { error: { code: 'network-not-running' } } })
  })

  it('starts a ledger with other chaincodes, tells of it, and makes identities for it', async () => {
    const up = await network(
      'up',
      '--channel',
      'mychannel',
      '--chaincode',
      'basic=127.0.0.1:9',
      '--chaincode',
      'dialler=127.0.0.1:10',
      '--policy',
      `basic=${own}`,
      '--concurrency',
      '0'
    )
    expect(up).toMatchObject({
      code: 0,
      value: {
        running: true,
        chaincodes: [
          { name: 'bims', connected: true },
          { name: 'basic', address: '127.0.0.1:9', connected: false },
          { name: 'dialler', address: '127.0.0.1:10', connected: false }
        ]
      }
    })
    expect(await network('status')).toEqual(up)
    expect(await network('up')).toEqual(up)
    // Kept: asking for the same is no change, and for another is refused.
    expect(await network('up', '--policy', `basic=${own}`)).toEqual(up)
    expect(await network('up', '--policy', 'basic=any')).toMatchObject({
      code: 2,
      value: { error: { code: 'network-locked' } }
    })
    const enrolled = await network('enroll', 'org1/carol', '--role', 'steward', '--attribute', 'a=b=c')
    expect(enrolled).toMatchObject({ code: 0, value: { identity: 'org1/carol' } })
    expect(await readFile(String(enrolled.value.file), 'utf8')).toContain('BEGIN PRIVATE KEY')
    const words = await bims('network', 'status', '--dir', dir)
    expect(words.out).toContain('org1/carol')
    expect(words.out).toMatch(/^chaincode basic +127\.0\.0\.1:9, not connected$/m)
    expect(words.out).toMatch(/^chaincode bims +in the ledger itself, connected$/m)
  })

  it.each([
    ['other chaincodes for one that runs', 2, 'network-locked', ['up', '--chaincode', 'basic=127.0.0.1:11']],
    ['another channel for one that runs', 2, 'usage', ['up', '--channel', 'other']],
    ['a chaincode without a place', 2, 'usage', ['up', '--chaincode', 'basic']],
    ['a chaincode at no port', 2, 'usage', ['up', '--chaincode', 'basic=listen:many']],
    ['a chaincode of one organisation alone', 2, 'usage', ['up', '--chaincode', 'x@org1=127.0.0.1:9']],
    ['a chaincode at a host alone', 2, 'usage', ['up', '--chaincode', 'basic=localhost']],
    ['a port that is none', 2, 'usage', ['up', '--port', 'org1=70000']],
    ['a limit that is none', 2, 'usage', ['up', '--concurrency', '-1']],
    ['a policy without a chaincode', 2, 'usage', ['up', '--policy', 'any']],
    ['a policy for a chaincode that is not there', 2, 'usage', ['up', '--policy', 'other=any']],
    ['a policy that cannot be read', 2, 'usage', ['up', '--policy', "basic=AND('Org1MSP.peer'"]],
    ['collections without a file', 2, 'usage', ['up', '--collections', 'basic']],
    ['collections in a file that is not there', 2, 'file-missing', ['up', '--collections', 'basic=/nowhere/x.json']],
    ['collections in a file that is not JSON', 2, 'usage', ['up', '--collections', `basic=${import.meta.filename}`]],
    ['a rule that is none', 2, 'usage', ['up', '--endorsement', 'most']],
    ['a user without an organisation', 2, 'usage', ['enroll', 'carol']],
    ['a user with two', 2, 'usage', ['enroll', 'org1/org2/carol']],
    ['a user that is there', 2, 'file-exists', ['enroll', 'org1/alice']],
    ['a role that is none', 2, 'usage', ['enroll', 'org1/dave', '--role', 'king']],
    ['nobody', 2, 'usage', ['enroll']],
    ['to revoke nobody', 2, 'usage', ['revoke']],
    ['to revoke a user that is not there', 2, 'identity-missing', ['revoke', 'org1/nobody']],
    ['to revoke a user without an organisation', 2, 'identity-missing', ['revoke', 'carol']]
  ] as const)('refuses %s', async (_, exit, code, words) => {
    expect(await network(...words)).toMatchObject({
      code: exit,
      value: { error: { code, what: expect.stringMatching(/\S/), advice: expect.stringMatching(/\S/) } }
    })
  })

  it('refuses other collections for one that runs', async () => {
    const file = workspace.at('collections.json')
    await writeFile(file, JSON.stringify([{ name: 'own', policy: "OR('Org1MSP.member')" }]))
    expect(await network('up', '--collections', `basic=${file}`)).toMatchObject({
      code: 2,
      value: { error: { code: 'network-locked' } }
    })
  })

  it('revokes an identity, which the ledger refuses from then on', async () => {
    const foundBy = async (user: string): Promise<Readonly<Record<string, unknown>>> =>
      (await bims('find', '--kind', 'image', '--owner', 'Org1MSP', '--as', user, '--network', dir, '--json')).json()
    expect(await foundBy('org1/carol')).not.toHaveProperty('error')
    const revoked = await network('revoke', 'org1/carol')
    expect(revoked).toMatchObject({
      code: 0,
      value: { identity: 'org1/carol', serialNumber: expect.stringMatching(/^[0-9a-f]+$/) }
    })
    expect(await readFile(String(revoked.value.list), 'utf8')).toContain('BEGIN X509 CRL')
    // The ledger looks at its folders by itself; until it has, the identity is still good.
    let told = await foundBy('org1/carol')
    while (told['error'] === undefined) told = await foundBy('org1/carol')
    expect(told['error']).toMatchObject({ what: expect.stringMatching(/\S/) })
    expect(await foundBy('org1/alice')).not.toHaveProperty('error')
    expect(await network('revoke', 'org1/carol')).toEqual(revoked)
    const words = await bims('network', 'revoke', 'org1/carol', '--dir', dir)
    expect(words.out).toMatch(/^identity +org1\/carol$/m)
    expect(words.out).toContain(`${String(revoked.value.serialNumber)}\n`)
  })

  it.each([
    ['an embedded ledger', []],
    ['a Fabric network', ['--fabric']]
  ])('makes and starts nothing of %s for a policy that cannot be read', async (_, flags) => {
    const nothing = workspace.at('nothing')
    const up = await bims('network', 'up', ...flags, '--policy', "bims=AND('Org1MSP.peer", '--dir', nothing, '--json')
    expect([up.code, up.json().error]).toEqual([
      2,
      expect.objectContaining({ code: 'usage', what: expect.stringContaining('The policy of bims cannot be had.') })
    ])
    expect(existsSync(nothing)).toBe(false)
  })

  it('prints the collections of the BIMS chaincode for a channel, as a file of Fabric', async () => {
    const { code, out } = await bims('network', 'collections', 'Org1MSP', 'uni.b')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual(right(collectionsConfig(['Org1MSP', 'uni.b'])))
    expect((await bims('network', 'collections', 'Org1MSP', 'uni.b', '--json')).json()).toEqual(JSON.parse(out))
    for (const words of [[], ['a_b'], ['Org1MSP', 'Org1MSP']]) {
      const refused = await bims('network', 'collections', ...words, '--json')
      expect([refused.code, refused.json().error.code]).toEqual([2, 'usage'])
    }
  })

  it('stops it, and starts it again as it was', async () => {
    expect(await network('down')).toMatchObject({ code: 0, value: { running: false, chaincodes: [] } })
    expect(await network('status')).toMatchObject({ code: 0, value: { running: false } })
    expect(await network('up', '--policy', 'bims=any')).toMatchObject({
      code: 0,
      value: { chaincodes: [{ name: 'bims' }, { name: 'basic' }, { name: 'dialler' }] }
    })
    expect((await network('up', '--policy', `basic=${own}`)).code).toBe(0)
  })

  it('is started once where two start it at the same time', async () => {
    dir = workspace.at('twice')
    const both = await Promise.all([network('up'), network('up')])
    expect(both[0].value.pid).toEqual(expect.any(Number))
    expect(both[1]).toEqual(both[0])
    expect((await network('down')).code).toBe(0)
  })

  it('takes no folder without a name', async () => {
    const { code, json } = await bims('network', 'up', '--dir', '', '--json')
    expect([code, json().error.code]).toEqual([2, 'usage'])
  })

  it('asks what to do where that is not said', async () => {
    const { code, err } = await bims('network')
    expect([code, err]).toEqual([2, expect.stringContaining('Use up, down, status, enroll')])
  })
})
