import { beforeAll, describe, expect, it } from 'vitest'
import { roles, roleTable, type Extent, type LedgerAction, type LedgerKind, type Role } from '@bims/core'
import { withRole, type TestIdentity } from '../stub/identity.ts'
import { idOfRecord, TestLedger, transactionOf } from '../stub/ledger.ts'
import { sampleRecord } from './records.ts'

// The blueprint's table again, by hand: were it read from the code, a wrong cell would agree with itself.
const blueprint: Readonly<Record<Role, readonly LedgerKind[]>> = {
  instrument: ['acquisition'],
  scientist: ['acquisition', 'macro', 'image'],
  steward: ['instrument'],
  auditor: [],
  none: []
}
const contentKinds = ['instrument', 'acquisition', 'macro', 'image'] as const
const submits: Readonly<Record<(typeof contentKinds)[number], LedgerAction>> = {
  instrument: 'submit-instrument',
  acquisition: 'submit-acquisition',
  macro: 'submit-macro',
  image: 'submit-image'
}

const identities = new Map<string, TestIdentity>()
const identity = (msp: string, name: string): TestIdentity => identities.get(`${msp}/${name}`)!
beforeAll(async () => {
  for (const msp of ['Org1MSP', 'Org2MSP']) {
    for (const role of roles) {
      identities.set(`${msp}/${role}`, await withRole(msp, role, role === 'none' ? undefined : role))
      identities.set(`${msp}/${role}2`, await withRole(msp, `${role}2`, role === 'none' ? undefined : role))
    }
  }
})

describe('who may submit', () => {
  for (const role of roles) {
    for (const kind of contentKinds) {
      const allowed = blueprint[role].includes(kind)
      it(`${role}: ${kind} ${allowed ? 'yes' : 'no'}`, async () => {
        expect(roleTable[submits[kind]][role] !== 'never').toBe(allowed)
        const ledger = new TestLedger()
        const outcome = await ledger.submit(identity('Org1MSP', role), [sampleRecord(kind)])
        expect(outcome.error?.code).toBe(allowed ? undefined : 'role-refused')
        expect(ledger.state.size > 0).toBe(allowed)
      })
    }
  }
})

// supersede and withdraw: own submissions, own organisation's, foreign ones.
const extents: Readonly<Record<Role, Extent>> = {
  instrument: 'own-submissions',
  scientist: 'own-submissions',
  steward: 'own-organization',
  auditor: 'never',
  none: 'never'
}
const reaches = (extent: Extent, whose: 'own' | 'colleague' | 'foreign'): boolean =>
  whose === 'own' ? extent !== 'never' : whose === 'colleague' && extent === 'own-organization'

describe.each(['supersede', 'withdraw'] as const)('who may %s', kind => {
  for (const role of roles) {
    for (const whose of ['own', 'colleague', 'foreign'] as const) {
      // A steward has no acquisition of its own, an auditor no submission at all: then the target is an instrument of a steward.
      const submitterRole = whose === 'own' ? role : 'steward'
      const ownKind = role === 'steward' || whose !== 'own' ? 'instrument' : 'acquisition'
      const allowed = reaches(extents[role], whose)
      it(`${role} of a submission that is ${whose}: ${allowed ? 'yes' : 'no'}`, async () => {
        expect(roleTable[kind][role]).toBe(extents[role])
        const ledger = new TestLedger()
        const target = sampleRecord(ownKind)
        const owner = identity(
          whose === 'foreign' ? 'Org2MSP' : 'Org1MSP',
          whose === 'own' ? role : `${submitterRole}2`
        )
        const made = await ledger.submit(owner, [target])
        expect(made.status === 200).toBe(whose !== 'own' || !['auditor', 'none'].includes(role))
        const submission = { mspId: owner.mspId, enrollmentId: whose === 'own' ? role : `${submitterRole}2` }
        const record = {
          schema: `bims.${kind}/1`,
          target: idOfRecord(target),
          ...(kind === 'supersede' ? { replacement: `sha256:${'9'.repeat(64)}` } : {}),
          submission
        }
        const transaction = made.status === 200 ? transactionOf(made) : undefined
        const outcome = await ledger.mark(identity('Org1MSP', role), record, transaction)
        expect(outcome.error?.code).toBe(allowed ? undefined : 'role-refused')
        if (!allowed) return
        const read = await ledger.invoke({
          identity: identity('Org2MSP', 'none'),
          transaction: 'Read',
          argument: { id: idOfRecord(target) }
        })
        expect(JSON.parse(read.payload).marks).toEqual([
          {
            submission,
            kind,
            id: idOfRecord(record),
            by: { mspId: 'Org1MSP', enrollmentId: role, transaction: JSON.parse(outcome.payload).transaction },
            ...(kind === 'supersede' ? { replacement: record.replacement } : {})
          }
        ])
      })
    }
  }
})

describe('who may read and attest', () => {
  it.each(roles)('%s', async role => {
    const ledger = new TestLedger()
    const record = sampleRecord('image')
    const submitted = await ledger.submit(identity('Org1MSP', 'scientist'), [record])
    const id = idOfRecord(record)
    const reader = identity('Org2MSP', role)
    expect((await ledger.invoke({ identity: reader, transaction: 'Read', argument: { id } })).status).toBe(200)
    const attested = await ledger.invoke({
      identity: reader,
      transaction: 'Attest',
      argument: { id, transaction: JSON.parse(submitted.payload).transaction }
    })
    expect(attested.payload).toBe(`{"channel":"bims-channel","id":"${id}","type":"bims.attest/1"}`)
    expect(attested.reads).toHaveLength(1)
    expect(attested.writes.size).toBe(0)
  })
})

describe('what Submit does not take', () => {
  it.each(roles)('a share, of %s', async role => {
    const outcome = await new TestLedger().submit(identity('Org1MSP', role), [sampleRecord('share')])
    expect(outcome.error?.code).toBe('transaction-malformed')
  })
})
