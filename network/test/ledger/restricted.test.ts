import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { LedgerRecord } from '@bims/core'
import { parseProfile } from '@bims/ledger'
import type { Finding, Ledger } from '@bims/ledger'
import { startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { left, newMacro, openAs, recordOf, right } from './open.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const salt = (): string => randomBytes(16).toString('base64')

let dir: string
// BIMS_TEST_PROFILE names the profile of another network that runs, such as a real Fabric.
let profileFile = process.env['BIMS_TEST_PROFILE'] ?? ''
let network: EmbeddedNetwork | undefined
const open: Ledger[] = []
const as = async (name: string): Promise<Ledger> => {
  const ledger = await openAs(profileFile, name)
  open.push(ledger)
  return ledger
}
const peersOf = (name: string, file: string): number =>
  right(parseProfile(readFileSync(file))).organizations.find(one => one.name === name)?.peers.length ?? 0
let alice: Ledger
let bob: Ledger
let sam: Ledger
// Asked of the ledger itself: a version without private data refuses the first put.
let hasPrivateData = false
const why = 'this ledger keeps no private data'
const secret = (): LedgerRecord => recordOf({ schema: 'bims.macro/1', words: ['secret'], salt: salt() })
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bims-restricted-'))
  if (profileFile === '') {
    network = await startEmbedded({ dir: join(dir, 'network') })
    profileFile = network.profileFile
  }
  alice = await as('org1/alice')
  bob = await as('org2/bob')
  sam = await as('org1/sam')
  const [probe] = right(await (await as('org1/alice')).submit([secret()], { restricted: true })())
  hasPrivateData = !(probe?.error?.what ?? '').includes('private data is not part of')
})
afterAll(async () => {
  for (const ledger of open) ledger.close()
  await network?.close()
  await rm(dir, { recursive: true })
})

const all = async (findings: AsyncIterable<E.Either<unknown, Finding>>): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  for await (const finding of findings) found.push(right(finding))
  return found
}

const idsOf = (findings: readonly Finding[]): readonly string[] => findings.map(({ id }) => id)

describe('restricted records', () => {
  it('are read back from the owner, kept from others, shared, released and purged', async context => {
    if (!hasPrivateData) return context.skip(why)
    const records = [secret(), secret(), secret()]
    const outcomes = right(await alice.submit(records, { restricted: true })())
    const copies = peersOf('org1', profileFile)
    expect(outcomes).toMatchObject(records.map(({ id }) => ({ id, status: 'committed', copies })))
    const [first, second, third] = records.map(({ id }) => id) as [string, string, string]
    expect(right(await alice.read(first, { restricted: true })()).submissions).toMatchObject([
      { enrollmentId: 'alice' }
    ])
    expect(left(await alice.read(first)()).code).toBe('ledger-not-found')
    for (const restricted of [false, true])
      expect(left(await bob.read(first, { restricted })()).code).toBe('ledger-not-found')
    const listed = idsOf(await all(sam.find({ kind: 'macro', owner: 'Org1MSP' }, { restricted: true })))
    expect(listed.slice(-3)).toEqual([first, second, third])

    expect(right(await alice.share([first], 'Org2MSP')())).toMatchObject([{ id: first }])
    expect(right(await bob.read(first, { restricted: true })())).toMatchObject({
      id: first,
      submissions: [{ mspId: 'Org1MSP', shared: true }]
    })
    expect(left(await bob.read(second, { restricted: true })()).code).toBe('ledger-not-found')

    expect(right(await alice.release([second])())).toMatchObject([{ id: second }])
    expect(Buffer.from(right(await bob.read(second)()).bytes).equals(records[1]!.bytes)).toBe(true)

    expect(left(await alice.purge([third])()).code).toBe('role-refused')
    expect(right(await sam.purge([third])())).toMatchObject([{ id: third }])
    expect(left(await alice.read(third, { restricted: true })()).code).toBe('ledger-not-found')
  })

  it('without salt are refused, one among many', async context => {
    if (!hasPrivateData) return context.skip(why)
    const records = [secret(), newMacro('no salt'), secret()]
    const outcomes = right(await alice.submit(records, { restricted: true })())
    expect(outcomes.map(({ status }) => status)).toEqual(['committed', 'refused', 'committed'])
    expect(outcomes[1]!.error?.code).toBe('record-schema')
  })
})

describe('attachments', () => {
  it('are kept in chunks, and come back byte for byte', async context => {
    if (!hasPrivateData) return context.skip(why)
    const bytes = randomBytes(2.5 * 1024 * 1024)
    const kept = right(
      await alice.attach({ salt: randomBytes(16), bytes, name: 'native.hdr', mediaType: 'text/plain' })()
    )
    const read = right(await sam.attachment(kept.digest)())
    expect(read).toMatchObject({ name: 'native.hdr', mediaType: 'text/plain', enrollmentId: 'alice' })
    expect(Buffer.from(read.bytes).equals(bytes)).toBe(true)
    expect(left(await bob.attachment(kept.digest)()).code).toBe('ledger-not-found')
    const empty = right(await alice.attach({ salt: randomBytes(16), bytes: new Uint8Array() })())
    expect(right(await alice.attachment(empty.digest)()).bytes).toHaveLength(0)
    const { digest } = kept
    right(await sam.purge([], { attachments: [{ digest, enrollmentId: 'alice', chunks: 3 }] })())
    expect(left(await alice.attachment(digest)()).code).toBe('ledger-not-found')
  })
})
