import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  canonicalBytes,
  compositeKey,
  restrictedCollection,
  joinPage,
  mayAct,
  roles,
  type Belonging,
  type JsonValue,
  type LedgerAction,
  type LedgerKind,
  type Role
} from '@bims/core'
import { withRole, type TestIdentity } from '../stub/identity.ts'
import { submission, TestLedger, type Call, type Outcome } from '../stub/ledger.ts'
import { plant } from '../stub/plant.ts'
import { restrictedRecord, sampleRecord, testSalt } from './records.ts'

// The blueprint's rows again, by hand: were they read from the code, a wrong cell would agree with itself.
type Reach = '-' | 'own' | 'org' | 'org+shared' | 'all'
const rows: readonly (readonly [LedgerAction, Readonly<Record<Role, Reach>>])[] = [
  [
    'read-restricted',
    { instrument: 'own', scientist: 'org+shared', steward: 'org+shared', auditor: 'org+shared', none: '-' }
  ],
  ['share', { instrument: '-', scientist: 'own', steward: 'org', auditor: '-', none: '-' }],
  ['release', { instrument: '-', scientist: 'own', steward: 'org', auditor: '-', none: '-' }],
  // The collection is the organisation's own, whoever's the records in it are.
  ['purge', { instrument: '-', scientist: '-', steward: 'org+shared', auditor: '-', none: '-' }],
  ['attach', { instrument: 'own', scientist: 'own', steward: 'own', auditor: '-', none: '-' }],
  ['merge', { instrument: 'all', scientist: 'all', steward: 'all', auditor: '-', none: '-' }]
]
const reaches: Readonly<Record<Reach, readonly Belonging[]>> = {
  '-': [],
  own: ['own-submission'],
  org: ['own-submission', 'own-organization'],
  'org+shared': ['own-submission', 'own-organization', 'shared'],
  all: ['own-submission', 'own-organization', 'shared', 'foreign']
}
const belongings: readonly Belonging[] = ['own-submission', 'own-organization', 'shared', 'foreign']

const identities = new Map<Role, TestIdentity>()
beforeAll(async () => {
  for (const role of roles) identities.set(role, await withRole('Org1MSP', role, role === 'none' ? undefined : role))
})

/** A restricted record that belongs so to the identity of that role in Org1MSP, and the collection in which it stands. */
const planted = (
  role: Role,
  belonging: Belonging
): { readonly ledger: TestLedger; readonly owner: string; readonly record: JsonValue; readonly id: string } => {
  const ledger = new TestLedger()
  const owner = belonging === 'foreign' ? 'Org2MSP' : 'Org1MSP'
  const submitter = {
    mspId: belonging === 'shared' ? 'Org2MSP' : owner,
    enrollmentId: belonging === 'own-submission' ? role : 'colleague'
  }
  const record = restrictedRecord('macro')
  return { ledger, owner, record, id: plant(ledger, owner, record, submitter) }
}

const named = (belonging: Belonging): object => (belonging === 'own-submission' ? {} : { enrollmentId: 'colleague' })

/** Tries an action on something that belongs so. The peers of the owner endorse, as Fabric lets any client ask for. */
const attempts: Readonly<
  Partial<Record<LedgerAction, (role: Role, belonging: Belonging) => Promise<readonly Outcome[]>>>
> = {
  'read-restricted': async (role, belonging) => {
    const { id, ledger, owner } = planted(role, belonging)
    const call = { identity: identities.get(role)!, peer: owner }
    const digest = `sha256:${'d'.repeat(64)}`
    const submitter = belonging === 'own-submission' ? role : 'colleague'
    ledger.privateState
      .get(restrictedCollection(owner))!
      .set(
        compositeKey({ type: 'attachment', attributes: [digest, submitter] }),
        Buffer.from(canonicalBytes({ chunks: 0, salt: testSalt, size: 0 }))
      )
    const read = { ...call, transaction: 'Read', argument: { id, restricted: { owner } } }
    const attachment = {
      ...call,
      transaction: 'ReadAttachment',
      argument: { owner, digest, enrollmentId: submitter, first: 0, count: 0 }
    }
    const outcomes = [await ledger.invoke(read)]
    // Attachments are not shared.
    if (belonging !== 'shared') outcomes.push(await ledger.invoke(attachment))
    return outcomes
  },
  share: async (role, belonging) => {
    const { id, ledger, owner, record } = planted(role, belonging)
    const receiver = 'Org3MSP'
    const { argument, transient } = submission([
      { schema: 'bims.share/1', target: id, owner, receiver, salt: testSalt }
    ])
    const call: Call = {
      identity: identities.get(role)!,
      peer: receiver,
      transaction: 'Share',
      argument: { ...(argument as object), owner, receiver, ...named(belonging) },
      transient: { ...transient, targets: deflateSync(joinPage([canonicalBytes(record)])) }
    }
    return [await ledger.invoke(call)]
  },
  release: async (role, belonging) => {
    const { ledger, owner, record } = planted(role, belonging)
    return [await ledger.submit(identities.get(role)!, [record], { release: { owner, ...named(belonging) } })]
  },
  purge: async (role, belonging) => {
    const { id, ledger, owner } = planted(role, belonging)
    const argument = { owner, records: [id] }
    return [await ledger.invoke({ identity: identities.get(role)!, peer: owner, transaction: 'Purge', argument })]
  },
  attach: async (role, belonging) => {
    const { ledger, owner } = planted(role, belonging)
    // One attaches for oneself alone: to nobody else's copy, and in no other collection.
    if (belonging === 'own-organization' || belonging === 'shared') return []
    const header = canonicalBytes({ chunks: 1, salt: testSalt, size: 2 })
    const argument = { owner, digest: `sha256:${'d'.repeat(64)}`, size: 2, chunks: 1, first: 0, count: 1 }
    const transient = { 'chunk/0': Uint8Array.of(1, 2), header }
    return [
      await ledger.invoke({ identity: identities.get(role)!, peer: owner, transaction: 'Attach', argument, transient })
    ]
  },
  merge: async role => {
    const ledger = new TestLedger()
    const scientist = await withRole('Org2MSP', 'other', 'scientist')
    await ledger.submit(
      scientist,
      Array.from({ length: 40 }, (_, i) => sampleRecord('macro', String(i)))
    )
    const [, , level, bucket, run] = [...ledger.state.keys()].find(key => key.startsWith('\0run'))!.split('\0')
    const argument = { level: Number(level), bucket, runs: [run] }
    return [await ledger.invoke({ identity: identities.get(role)!, transaction: 'Merge', argument })]
  }
}

describe.each(rows)('who may %s', (action, row) => {
  for (const role of roles) {
    for (const belonging of belongings) {
      const allowed = reaches[row[role]].includes(belonging)
      it(`${role}, ${belonging}: ${allowed ? 'yes' : 'no'}`, async () => {
        if (action !== 'purge') expect(mayAct(role, action, belonging)).toBe(allowed)
        for (const outcome of await attempts[action]!(role, belonging)) {
          if (allowed) expect(outcome.message).toBe('')
          // A shared record has no submission of the own organisation: where the role would do, it is not found.
          else expect(['role-refused', 'ledger-not-found']).toContain(outcome.error?.code)
          if (belonging === 'foreign' && !allowed) expect(outcome.error?.code).toBe('role-refused')
          if (!allowed) expect([...outcome.writes, ...outcome.privateWrites]).toEqual([])
        }
      })
    }
  }
})

// Restricted submissions need the same role as public ones.
const submits: Readonly<Record<Role, readonly LedgerKind[]>> = {
  instrument: ['acquisition'],
  scientist: ['acquisition', 'macro', 'image'],
  steward: ['instrument'],
  auditor: [],
  none: []
}
describe.each(['instrument', 'acquisition', 'macro', 'image'] as const)('who may submit a restricted %s', kind => {
  it.each(roles)('%s', async role => {
    const ledger = new TestLedger()
    const own = await ledger.submit(identities.get(role)!, [restrictedRecord(kind)], {
      restricted: { owner: 'Org1MSP' }
    })
    expect(own.error?.code).toBe(submits[role].includes(kind) ? undefined : 'role-refused')
    const { argument, transient } = submission([restrictedRecord(kind)])
    const foreign = await ledger.invoke({
      identity: identities.get(role)!,
      peer: 'Org2MSP',
      transaction: 'Submit',
      argument: { ...(argument as object), restricted: { owner: 'Org2MSP' } },
      transient: transient!
    })
    expect(foreign.error?.code).toBe('role-refused')
    expect(ledger.state.size).toBe(0)
  })
})

describe.each(['supersede', 'withdraw'] as const)('who may %s a restricted record', kind => {
  for (const role of roles) {
    for (const belonging of belongings) {
      const allowed =
        (belonging === 'own-submission' && ['instrument', 'scientist', 'steward'].includes(role)) ||
        (belonging === 'own-organization' && role === 'steward')
      it(`${role}, ${belonging}: ${allowed ? 'yes' : 'no'}`, async () => {
        const { id, ledger, owner } = planted(role, belonging)
        const mark = {
          schema: `bims.${kind}/1`,
          target: id,
          ...(kind === 'supersede' && { replacement: id }),
          submission: {
            mspId: belonging === 'shared' ? 'Org2MSP' : owner,
            enrollmentId: belonging === 'own-submission' ? role : 'colleague'
          },
          salt: testSalt
        }
        const { argument, transient } = submission([mark])
        const outcome = await ledger.invoke({
          identity: identities.get(role)!,
          peer: owner,
          transaction: 'Submit',
          argument: { ...(argument as object), restricted: { owner } },
          transient: transient!
        })
        expect(outcome.error?.code).toBe(allowed ? undefined : 'role-refused')
        expect(outcome.writes.size).toBe(0)
        if (!allowed) return
        const auditor = identities.get('auditor')!
        const read = { identity: auditor, transaction: 'Read', argument: { id, restricted: { owner } } }
        expect(JSON.parse((await ledger.invoke(read)).payload).marks).toMatchObject([
          { kind, by: { enrollmentId: role } }
        ])
      })
    }
  }
})
