import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { msp, peer, ledger as protos } from '@hyperledger/fabric-protos'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { attestationText, ledgerLimits } from '@bims/core'
import { deliver, openLedger, openOutbox, readIdentity } from '@bims/ledger'
import type { Ledger } from '@bims/ledger'
import { identityText, newAuthority, startEmbedded } from '../../src/index.ts'
import type { EmbeddedNetwork } from '../../src/index.ts'
import { left, newMacro, openAs, recordOf, right } from './open.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let dir: string
let network: EmbeddedNetwork
const open: Ledger[] = []
const as = async (name: string, more: Parameters<typeof openAs>[2] = {}): Promise<Ledger> => {
  const ledger = await openAs(network.profileFile, name, more)
  open.push(ledger)
  return ledger
}
let alice: Ledger
let bob: Ledger
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bims-client-'))
  network = await startEmbedded({ dir: join(dir, 'network') })
  alice = await as('org1/alice')
  bob = await as('org2/bob')
})
afterAll(async () => {
  for (const ledger of open) ledger.close()
  await network.close()
  await rm(dir, { recursive: true })
})

describe('submit and read', () => {
  it('brings records onto the ledger, where another organisation reads the same bytes', async () => {
    const records = [
      newMacro('one'),
      newMacro('two', 'ü\u2028'),
      recordOf({ schema: 'bims.manifest/1', acquisitions: [], sources: [] })
    ]
    const outcomes = right(await alice.submit(records)())
    expect(outcomes).toMatchObject(records.map(({ id, kind }) => ({ id, kind, status: 'committed' })))
    expect(new Set(outcomes.map(({ transaction }) => transaction)).size).toBe(1)
    expect(outcomes[0]!.block).toBeLessThan(network.height())
    for (const record of records) {
      const found = right(await bob.read(record.id)())
      expect(Buffer.from(found.bytes).equals(record.bytes)).toBe(true)
      expect(found).toMatchObject({ id: record.id, kind: record.kind, schema: record.schema, marks: [] })
      expect(found.submissions).toMatchObject([
        { mspId: 'Org1MSP', enrollmentId: 'alice', transaction: outcomes[0]!.transaction }
      ])
    }
  })

  it('lets both organisations submit the same record, also at the same moment', async () => {
    const record = newMacro('both')
    const outcomes = await Promise.all([alice, bob, alice, bob].map(ledger => ledger.submit([record])()))
    expect(outcomes.map(outcome => right(outcome)[0]?.status)).toEqual([
      'committed',
      'committed',
      'committed',
      'committed'
    ])
    expect(right(await alice.read(record.id)()).submissions).toMatchObject([
      { mspId: 'Org1MSP', enrollmentId: 'alice' },
      { mspId: 'Org2MSP', enrollmentId: 'bob' }
    ])
  })

  it('says that a record is not there', async () => {
    expect(left(await bob.read(newMacro('nowhere').id)())).toMatchObject({ code: 'ledger-not-found', _tag: 'Missing' })
  })

  it('finds the records that are refused among many and commits the others', async () => {
    const records = Array.from({ length: 40 }, (_, i) =>
      i === 7 || i === 31 ? recordOf({ schema: 'bims.instrument/1', serial: `${i}` }) : newMacro('mixed', i)
    )
    const outcomes = right(await alice.submit(records)())
    expect(outcomes.map(({ status }) => status)).toEqual(
      records.map((_, i) => (i === 7 || i === 31 ? 'refused' : 'committed'))
    )
    expect(outcomes[7]!.error).toMatchObject({
      code: 'role-refused',
      advice: expect.stringContaining('bims.role'),
      issues: [{ at: 'records/0' }]
    })
  })

  it('submits as each role may', async () => {
    const kinds = {
      instrument: recordOf({ schema: 'bims.instrument/1', serial: 'roles' }),
      acquisition: recordOf({ schema: 'bims.acquisition/1', name: 'roles' }),
      macro: newMacro('roles'),
      image: recordOf({ schema: 'bims.manifest/1', name: 'roles' })
    }
    const allowed = {
      scope: ['acquisition'],
      alice: ['acquisition', 'macro', 'image'],
      sam: ['instrument'],
      audrey: [] as string[]
    }
    for (const [user, may] of Object.entries(allowed)) {
      const outcomes = right(await (await as(`org1/${user}`)).submit(Object.values(kinds))())
      expect(
        outcomes
          .filter(({ status }) => status === 'committed')
          .map(({ kind }) => kind)
          .sort()
      ).toEqual([...may].sort())
    }
  })

  it('takes the largest record, and a transaction full of them', async () => {
    const large = Array.from({ length: 16 }, (_, i) => {
      const empty = newMacro(i, '').bytes.length
      return newMacro(i, 'x'.repeat(ledgerLimits.recordBytes - empty - 2))
    })
    const outcomes = right(await alice.submit(large)())
    expect(outcomes.every(({ status }) => status === 'committed')).toBe(true)
    expect(right(await bob.read(large[15]!.id)()).bytes.length).toBe(large[15]!.bytes.length)
  })

  it('marks what was superseded or withdrawn', async () => {
    const [old, next] = [newMacro('old'), newMacro('next')]
    const supersede = recordOf({ schema: 'bims.supersede/1', target: old.id, replacement: next.id })
    // The mark is sent after what it is about, although it stands before it here.
    expect(right(await alice.submit([supersede, old, next])()).map(({ status }) => status)).toEqual([
      'committed',
      'committed',
      'committed'
    ])
    expect(right(await bob.read(old.id)()).marks).toMatchObject([
      { kind: 'supersede', id: supersede.id, replacement: next.id, by: { enrollmentId: 'alice' } }
    ])
    const foreign = recordOf({
      schema: 'bims.withdraw/1',
      target: old.id,
      submission: { mspId: 'Org1MSP', enrollmentId: 'alice' }
    })
    expect(right(await bob.submit([foreign])())[0]!.error?.code).toBe('role-refused')
    expect(right(await (await as('org1/sam')).submit([foreign])())[0]!.status).toBe('committed')
    const missing = recordOf({ schema: 'bims.withdraw/1', target: newMacro('never').id })
    expect(right(await alice.submit([missing])())[0]!.error?.code).toBe('ledger-not-found')
  })

  it('tells how fast 1,000 records of 2 KB go', async () => {
    const records = Array.from({ length: 1000 }, (_, i) =>
      newMacro('speed', i, ...Array.from({ length: 60 }, (__, k) => `parameter ${k} = ${Math.sin(i * 60 + k)}`))
    )
    const start = performance.now()
    const outcomes = right(await alice.submit(records)())
    console.log(
      `1,000 records of ${records[1]!.bytes.length} bytes: ${Math.round(1e6 / (performance.now() - start))} records/s`
    )
    expect(outcomes.every(({ status }) => status === 'committed')).toBe(true)
  })
})

describe('attest', () => {
  it('gives the signatures of both organisations over one read of the record', async () => {
    const record = newMacro('attested')
    const [outcome] = right(await alice.submit([record])())
    const receipt = right(await bob.attest(record.id)())
    expect(receipt.over).toBe(record.id)
    const payload = Buffer.from(receipt.payload, 'base64')
    const action = peer.ChaincodeAction.deserializeBinary(
      peer.ProposalResponsePayload.deserializeBinary(payload).getExtension_asU8()
    )
    expect(action.getResponse()?.getStatus()).toBe(200)
    expect(Buffer.from(action.getResponse()?.getPayload_asU8() ?? []).toString()).toBe(
      attestationText('bims', record.id)
    )
    const sets = protos.rwset.TxReadWriteSet.deserializeBinary(action.getResults_asU8()).getNsRwsetList()
    const set = protos.rwset.kvrwset.KVRWSet.deserializeBinary(
      sets.find(s => s.getNamespace() === 'bims')!.getRwset_asU8()
    )
    expect(set.getWritesList()).toEqual([])
    expect(set.getReadsList().map(read => [read.getKey(), read.getVersion()?.getBlockNum()])).toEqual([
      [`\0page\0${outcome!.transaction}\0`, outcome!.block]
    ])
    const signers = receipt.endorsements.map(({ endorser, signature }) => {
      const bytes = Buffer.from(endorser, 'base64')
      const identity = msp.SerializedIdentity.deserializeBinary(bytes)
      const certificate = new X509Certificate(Buffer.from(identity.getIdBytes_asU8()))
      expect(
        verify(
          'sha256',
          Buffer.concat([payload, bytes]),
          createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' })),
          Buffer.from(signature, 'base64')
        )
      ).toBe(true)
      return identity.getMspid()
    })
    expect(signers.sort()).toEqual(['Org1MSP', 'Org2MSP'])
  })

  it('gives none for what is not there', async () => {
    expect(left(await bob.attest(newMacro('absent').id)()).code).toBe('ledger-not-found')
    expect(left(await bob.attest(newMacro('one').id, { mspId: 'Org2MSP', enrollmentId: 'bob' })()).code).toBe(
      'ledger-not-found'
    )
  })
})

describe('who is not of the network', () => {
  const stranger = async (organization?: string) => {
    const authority = await newAuthority({ name: 'ca.elsewhere', organization: 'elsewhere', embedded: false })
    const identity = right(
      readIdentity(
        Buffer.from(
          identityText(await authority.issue({ name: 'eve', role: 'client', attributes: { 'bims.role': 'scientist' } }))
        )
      )
    )
    return openLedger({ profile: network.profile, identity, ...(organization !== undefined && { organization }) })()
  }

  it('is told so before anything is sent', async () => {
    expect(left(await stranger()).code).toBe('identity-missing')
  })

  it('is refused by the peers, and its records are not taken for wrong', async () => {
    const eve = right(await stranger('Org1MSP'))
    open.push(eve)
    const [outcome] = right(await eve.submit([newMacro('forged')])())
    expect(outcome).toMatchObject({ status: 'refused', error: { code: 'ledger-refused' } })
    expect(left(await eve.read(newMacro('one').id)()).code).toBe('ledger-refused')
    const outbox = right(await openOutbox(join(dir, 'outbox-eve'))())
    right(await outbox.enqueue([newMacro('forged')])())
    expect(right(await deliver({ outbox, ledger: eve })()).records).toMatchObject([{ status: 'refused' }])
    expect(right(await outbox.backlog()())).toMatchObject({ records: 1, refused: [] })
  })
})

describe('a ledger that is away', () => {
  it('is told of at once, and where it does not answer after its deadline', async () => {
    const sockets: Socket[] = []
    const silent = createServer(socket => void sockets.push(socket.on('error', () => undefined)))
    await new Promise<void>(resolve => void silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    const endpoint = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const waiting = await as('org1/alice', {
      endpoint,
      deadlines: { evaluate: 300, endorse: 300 },
      patience: { endorsements: 2 }
    })
    expect(left(await waiting.read(newMacro('one').id)())._tag).toBe('Unavailable')
    expect(right(await waiting.submit([newMacro('one')])())).toMatchObject([
      { status: 'unsettled', error: { _tag: 'Unavailable' } }
    ])
    const closed = new Promise(resolve => silent.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
    const gone = await as('org1/alice', { endpoint })
    expect(left(await gone.read(newMacro('one').id)()).code).toBe('ledger-unreachable')
  })

  it('leaves records queued, and takes them when it is back', async () => {
    const other = join(dir, 'other')
    const first = await startEmbedded({ dir: other })
    await first.close()
    const outbox = right(await openOutbox(join(dir, 'outbox'))())
    const records = Array.from({ length: 700 }, (_, i) => newMacro('queued', i))
    right(await outbox.enqueue(records)())
    const ledger = await openAs(first.profileFile, 'org1/alice')
    const away = right(await deliver({ outbox, ledger })())
    expect(away.problems.map(({ code }) => code)).toEqual(['ledger-unreachable'])
    expect(away.records.filter(({ status }) => status === 'queued')).toHaveLength(700)
    ledger.close()
    const second = await startEmbedded({ dir: other })
    const again = await openAs(second.profileFile, 'org1/alice')
    const delivered = right(await deliver({ outbox, ledger: again })())
    expect(delivered.problems).toEqual([])
    expect(delivered.records.filter(({ status }) => status === 'committed')).toHaveLength(700)
    expect(right(await outbox.backlog()())).toMatchObject({ records: 0, transactions: 0 })
    expect(right(await again.read(records[699]!.id)()).submissions).toHaveLength(1)
    again.close()
    await second.close()
  })

  it('is asked at the next peer where one does not answer', async () => {
    const [org, ...rest] = network.profile.organizations
    const profile = {
      ...network.profile,
      organizations: [{ ...org!, peers: [{ endpoint: '127.0.0.1:1' }, ...org!.peers] }, ...rest]
    }
    const ledger = await as('org1/alice', { profile })
    expect(right(await ledger.read(newMacro('one').id)()).kind).toBe('macro')
  })
})
