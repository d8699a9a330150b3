import { deflateSync } from 'node:zlib'
import { attachmentDigest, canonicalBytes, joinPage, roles } from '@bims/core'
import type { JsonValue, Role } from '@bims/core'
import { describe, expect, it } from 'vitest'
import { arrived, idOfRecord, standing, submission, submitRecords } from './person.ts'
import type { Outcome, Person } from './person.ts'
import { newRecord, newRestricted, newSalt } from './records.ts'
import type { ContentKind } from './records.ts'

/** Whose thing it is that someone acts on. */
type Whose = 'own' | 'colleague' | 'shared' | 'foreign'

/** The people of the role table: one of each role in Org1, and who else has things there. */
export interface Cast {
  readonly of: (role: Role) => Person
  /** A scientist of Org1. */
  readonly colleague: Person
  /** A scientist of Org2. */
  readonly stranger: Person
}

// The blueprint's table, by hand: were it read from the code, a wrong cell would agree with itself.
const submits: Readonly<Record<ContentKind, readonly Role[]>> = {
  instrument: ['steward'],
  acquisition: ['instrument', 'scientist'],
  macro: ['scientist'],
  image: ['scientist']
}
const marks: Readonly<Record<Role, readonly Whose[]>> = {
  instrument: ['own'],
  scientist: ['own'],
  steward: ['own', 'colleague'],
  auditor: [],
  none: []
}
const reads: Readonly<Record<Role, readonly Whose[]>> = {
  instrument: ['own'],
  scientist: ['own', 'colleague', 'shared'],
  steward: ['own', 'colleague', 'shared'],
  auditor: ['colleague', 'shared'],
  none: []
}
const sharesAndReleases: Readonly<Record<Role, readonly Whose[]>> = {
  instrument: [],
  scientist: ['own'],
  steward: ['own', 'colleague'],
  auditor: [],
  none: []
}
const attaches: readonly Role[] = ['instrument', 'scientist', 'steward']

/** What a role can have submitted itself; undefined for those that submit nothing. */
const ownKind: Readonly<Record<Role, ContentKind | undefined>> = {
  instrument: 'acquisition',
  scientist: 'macro',
  steward: 'instrument',
  auditor: undefined,
  none: undefined
}

/** Every cell of the role table, tried. */
export const roleTable = (cast: () => Cast): void => {
  const ownerOf = (role: Role, whose: Whose): Person => {
    const { colleague, of, stranger } = cast()
    return whose === 'own' ? of(role) : whose === 'colleague' ? colleague : stranger
  }

  describe('who may submit', () => {
    for (const role of roles)
      for (const kind of ['instrument', 'acquisition', 'macro', 'image'] as const) {
        const allowed = submits[kind].includes(role)
        it(`${role}: ${kind} ${allowed ? 'yes' : 'no'}`, async () => {
          const outcome = await submitRecords(cast().of(role), [newRecord(kind)])
          expect(outcome.code).toBe(allowed ? undefined : 'role-refused')
        })
      }
  })

  describe.each(['supersede', 'withdraw'] as const)('who may %s', kind => {
    for (const role of roles)
      for (const whose of ['own', 'colleague', 'foreign'] as const) {
        const own = ownKind[role]
        const allowed = marks[role].includes(whose)
        it(`${role} of a submission that is ${whose}: ${allowed ? 'yes' : 'no'}`, async () => {
          const owner = ownerOf(role, whose)
          const target = newRecord(whose === 'own' ? (own ?? 'macro') : 'macro')
          // An auditor has nothing of its own: then it says that it had.
          const submitter = whose === 'own' && own === undefined ? cast().colleague : owner
          const made = await submitRecords(submitter, [target])
          expect(made.code).toBeUndefined()
          const record: JsonValue = {
            schema: `bims.${kind}/1`,
            target: idOfRecord(target),
            ...(kind === 'supersede' ? { replacement: `sha256:${'9'.repeat(64)}` } : {}),
            submission: { mspId: owner.mspId, enrollmentId: owner.name }
          }
          const outcome = await standing(() => submitRecords(cast().of(role), [record], {}, made.transaction))
          expect(outcome.code).toBe(allowed ? undefined : 'role-refused')
        })
      }
  })

  // Something restricted of whom it is said to be of, in the collection of that one's organisation.
  const restrictedOf = async (role: Role, whose: Whose): Promise<{ readonly [name: string]: JsonValue }> => {
    const owner = ownerOf(role, whose)
    const own = whose === 'own' ? ownKind[role] : 'macro'
    const submitter = own === undefined ? cast().colleague : owner
    const record = newRestricted(own ?? 'macro')
    const made = await submitRecords(submitter, [record], { restricted: { owner: submitter.mspId } })
    expect(made.code).toBeUndefined()
    return record
  }
  const shareOf = (
    person: Person,
    record: JsonValue,
    owner: string,
    receiver: string,
    enrollmentId: string
  ): Promise<Outcome> => {
    const share = { schema: 'bims.share/1', target: idOfRecord(record), owner, receiver, salt: newSalt() }
    const { records, transient } = submission([share])
    const targets = deflateSync(joinPage([canonicalBytes(record)]))
    return person.submit(
      'Share',
      { records, owner, receiver, enrollmentId },
      { transient: { ...transient, targets }, at: [receiver] }
    )
  }

  describe('who may read what is restricted', () => {
    for (const role of roles)
      for (const whose of ['own', 'colleague', 'shared', 'foreign'] as const) {
        if (whose === 'own' && ownKind[role] === undefined) continue
        const allowed = reads[role].includes(whose)
        it(`${role}, ${whose}: ${allowed ? 'yes' : 'no'}`, async () => {
          const record = await restrictedOf(role, whose)
          const { stranger, of } = cast()
          if (whose === 'shared') {
            const shared = await standing(() => shareOf(stranger, record, stranger.mspId, 'Org1MSP', stranger.name))
            expect(shared.code).toBeUndefined()
            await arrived(cast().colleague, { id: idOfRecord(record), restricted: { owner: 'Org1MSP' } })
          }
          const owner = whose === 'foreign' ? stranger.mspId : 'Org1MSP'
          const outcome = await of(role).ask('Read', { id: idOfRecord(record), restricted: { owner } })
          expect(outcome.code).toBe(allowed ? undefined : 'role-refused')
          if (allowed) expect(JSON.parse(outcome.answer!).content).toBe(Buffer.from(canonicalBytes(record)).toString())
        })
      }
  })

  describe.each(['share', 'release'] as const)('who may %s', action => {
    for (const role of roles)
      for (const whose of ['own', 'colleague', 'foreign'] as const) {
        const allowed = sharesAndReleases[role].includes(whose)
        it(`${role}, ${whose}: ${allowed ? 'yes' : 'no'}`, async () => {
          const record = await restrictedOf(role, whose)
          const { mspId: owner, name: enrollmentId } = ownerOf(role, whose)
          const person = cast().of(role)
          const outcome = await standing(() =>
            action === 'share'
              ? shareOf(person, record, owner, owner === 'Org2MSP' ? 'Org1MSP' : 'Org2MSP', enrollmentId)
              : submitRecords(person, [record], { release: { owner, enrollmentId } })
          )
          expect(outcome.code).toBe(allowed ? undefined : 'role-refused')
        })
      }
  })

  describe('who may purge', () => {
    for (const role of roles)
      for (const whose of ['own', 'colleague', 'foreign'] as const) {
        const allowed = role === 'steward' && whose !== 'foreign'
        it(`${role}, ${whose}: ${allowed ? 'yes' : 'no'}`, async () => {
          const record = await restrictedOf(role, whose)
          const { mspId: owner } = ownerOf(role, whose)
          const person = cast().of(role)
          const purge = { owner, records: [idOfRecord(record)] }
          const outcome = await standing(() => person.submit('Purge', purge, { at: [owner] }))
          expect(outcome.code).toBe(allowed ? undefined : 'role-refused')
        })
      }
  })

  describe('who may attach', () => {
    for (const role of roles)
      for (const owner of ['Org1MSP', 'Org2MSP']) {
        const allowed = attaches.includes(role) && owner === 'Org1MSP'
        it(`${role}, in the collection of ${owner}: ${allowed ? 'yes' : 'no'}`, async () => {
          const [salt, bytes] = [newSalt(), Buffer.from('[Scan]\r\n')]
          const digest = attachmentDigest(Buffer.from(salt, 'base64'), bytes)
          const header = canonicalBytes({ chunks: 1, salt, size: bytes.length })
          const outcome = await cast()
            .of(role)
            .submit(
              'Attach',
              { owner, digest, size: bytes.length, chunks: 1, first: 0, count: 1 },
              { transient: { 'chunk/0': bytes, header }, at: [owner] }
            )
          expect(outcome.code).toBe(allowed ? undefined : 'role-refused')
        })
      }
  })

  describe('who may read what is public, and have it attested', () => {
    it.each(roles)('%s: yes', async role => {
      const record = newRecord('macro')
      const { transaction } = await submitRecords(cast().stranger, [record])
      const id = idOfRecord(record)
      expect((await arrived(cast().of(role), { id })).code).toBeUndefined()
      expect((await cast().of(role).ask('Attest', { id, transaction: transaction! })).code).toBeUndefined()
    })
  })
}
