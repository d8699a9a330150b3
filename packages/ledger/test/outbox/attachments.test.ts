/* eslint-disable @typescript-eslint/require-await -- memory answers at once */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachmentDigest, newError, toBase64, type BimsErrorCode } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sender } from '../../src/client/commit.ts'
import { deliver, type Delivery } from '../../src/outbox/delivery.ts'
import { openOutbox, type Outbox, type QueuedAttachment } from '../../src/outbox/outbox.ts'
import { expectRight, newRecord } from '../stub/records.ts'

/** A private collection in memory: what `Attach` brings, `ReadAttachment` gives back. */
class ModelCollection {
  readonly kept = new Map<string, Uint8Array[]>()
  readonly headers = new Map<string, string>()
  /** Transactions that come through before the ledger is away; what it refuses then. */
  budget = Infinity
  refusal: BimsErrorCode | undefined
  attached = 0

  readonly sender: Sender = {
    submitter: { mspId: 'AMSP', enrollmentId: 'alice' },
    patience: { proposals: 1, endorsements: 1, submissions: 1, readBacks: 1, arrivals: 1 },
    connection: {
      peers: [],
      evaluateAt: () => async () => E.left(newError('ledger-unreachable', 'away', 'wait')),
      evaluate: (_, argument) => async () => {
        if (this.budget < 0) return E.left(newError('ledger-unreachable', 'away', 'wait'))
        const { digest, first } = JSON.parse(argument) as { digest: string; first: number }
        const header = this.headers.get(digest)
        const chunks = (this.kept.get(digest) ?? []).slice(first, first + 16).map(toBase64)
        return header === undefined
          ? E.left(newError('ledger-not-found', 'not here', 'attach it'))
          : E.right(Buffer.from(JSON.stringify({ digest, enrollmentId: 'alice', header: JSON.parse(header), chunks })))
      },
      endorse:
        (_, argument, { transient = {} } = {}) =>
        async () => {
          if (this.refusal !== undefined) return E.left(newError(this.refusal, 'no', 'no'))
          if (this.budget-- <= 0) return E.left(newError('ledger-unreachable', 'away', 'wait'))
          const { digest, first, count } = JSON.parse(argument) as { digest: string; first: number; count: number }
          const chunks = this.kept.get(digest) ?? []
          for (let n = first; n < first + count; n++) chunks[n] = transient[`chunk/${n}`] ?? new Uint8Array()
          this.kept.set(digest, chunks)
          if (transient['header'] !== undefined) this.headers.set(digest, Buffer.from(transient['header']).toString())
          this.attached++
          return E.right({ id: 'f'.repeat(64), bytes: new Uint8Array() })
        },
      settle: () => async () => E.right({ block: 1, valid: true, code: 'VALID' })
    }
  }
  readonly ledger = { sender: this.sender, limits: { batch: { records: 5, bytes: 100_000 }, inFlight: 1 } }
}

let dir: string
let outbox: Outbox
let collection: ModelCollection
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bims-outbox-'))
  outbox = expectRight(await openOutbox(join(dir, 'outbox'))())
  collection = new ModelCollection()
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const run = async (): Promise<Delivery> => expectRight(await deliver({ outbox, ledger: collection.ledger })())
const attachment = (n: number, size = 3): QueuedAttachment => ({
  owner: 'AMSP',
  salt: new Uint8Array(16).fill(n),
  bytes: Uint8Array.from({ length: size }, (_, i) => (i * 7 + n) % 251),
  mediaType: 'application/x-test',
  name: `native ${n}`
})
const digestOf = ({ bytes, salt }: QueuedAttachment): string => attachmentDigest(salt, bytes)

describe('attachments in the outbox', () => {
  it('are delivered after the records, whole, and then leave it', async () => {
    const [small, large] = [attachment(1), attachment(2, 17.5 * 1024 * 1024)]
    expect(expectRight(await outbox.attach([small, large, small])())).toEqual([small, large, small].map(digestOf))
    expect(expectRight(await outbox.backlog()())).toMatchObject({ records: 0, attachments: 2 })
    const { attachments, problems } = await run()
    expect(problems).toEqual([])
    expect(attachments.map(({ digest, name, status }) => [digest, name, status]).sort()).toEqual(
      [small, large].map(one => [digestOf(one), one.name, 'kept']).sort()
    )
    expect(Buffer.concat(collection.kept.get(digestOf(large)) ?? []).equals(Buffer.from(large.bytes))).toBe(true)
    expect(collection.attached).toBe(3)
    expect(expectRight(await outbox.backlog()())).toMatchObject({ attachments: 0 })
    expect((await run()).attachments).toEqual([])
  })

  it('stay while the ledger is away, and what was kept before a kill is not sent again', async () => {
    const both = [attachment(1), attachment(2)]
    expectRight(await outbox.attach(both)())
    collection.budget = 1
    const first = await run()
    expect(first.attachments.map(({ status }) => status)).toEqual(['kept', 'queued'])
    expect(first.problems.map(({ code }) => code)).toEqual(['ledger-unreachable'])
    // As after a kill between the commit and the removal of the file.
    expectRight(await outbox.attach(both)())
    collection.budget = Infinity
    expect((await run()).attachments.map(({ status }) => status)).toEqual(['kept', 'kept'])
    expect(collection.attached).toBe(2)
  })

  it('wait where the records could not be sent', async () => {
    expectRight(await outbox.enqueue([newRecord(1)])())
    expectRight(await outbox.attach([attachment(1)])())
    collection.budget = 0
    const { attachments, records } = await run()
    expect([records.map(({ status }) => status), attachments.map(({ status }) => status)]).toEqual([
      ['queued'],
      ['queued']
    ])
  })

  it('stay where the role may not, for somebody who may', async () => {
    expectRight(await outbox.attach([attachment(1)])())
    collection.refusal = 'role-refused'
    expect((await run()).attachments).toMatchObject([{ status: 'refused', error: { code: 'role-refused' } }])
    collection.refusal = undefined
    expect((await run()).attachments).toMatchObject([{ status: 'kept' }])
  })

  it('are set aside where their files are damaged', async () => {
    expectRight(await outbox.attach([attachment(1), attachment(2)])())
    const [name = ''] = await readdir(outbox.folders.attachments)
    const bytes = await readFile(join(outbox.folders.attachments, name))
    bytes[bytes.length - 1]! ^= 1
    await writeFile(join(outbox.folders.attachments, name), bytes)
    const { attachments, problems } = await run()
    expect(attachments).toHaveLength(1)
    expect(problems.map(({ code }) => code)).toEqual(['outbox-corrupt'])
    expect(expectRight(await outbox.backlog()()).corrupt).toEqual([name])
  })
})
