import { deflateSync } from 'node:zlib'
import { attachmentDigest, canonicalBytes, joinPage, toBase64, type JsonValue } from '@bims/core'
import type { TestIdentity } from '../stub/identity.ts'
import {
  idOfRecord,
  submission,
  TestLedger,
  transactionOf,
  type Call,
  type Outcome,
  type Writes
} from '../stub/ledger.ts'

/** Who calls. */
export interface StoryCaller {
  readonly mspId: string
  readonly enrollmentId: string
  readonly role?: string
}

/** A call and what comes of it, as the golden vectors hold it. */
export interface StoryCall {
  readonly caller: StoryCaller
  /** Organisation whose peer endorses. */
  readonly peer: string
  readonly transaction: string
  readonly argument: string
  readonly transient?: Readonly<Record<string, string>>
  readonly id: string
  readonly time: string
  readonly response: string
  readonly writes: readonly { readonly key: string; readonly value: string | null }[]
  readonly privateWrites: readonly {
    readonly collection: string
    readonly key: string
    readonly value: string | null
  }[]
}

/** A question and its answer. */
export interface StoryQuestion {
  /** How many calls stand on the ledger when it is asked. */
  readonly after: number
  readonly caller: StoryCaller
  readonly transaction: string
  readonly argument: string
  readonly response: string
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1)

/** Writes in the order of their keys, values in base64. */
export const writesOf = (writes: Writes): StoryCall['writes'] =>
  [...writes].map(([key, value]) => ({ key, value: value?.toString('base64') ?? null })).sort(byKey)

/** Private writes in the order of collection and key. */
export const privateWritesOf = ({ privateWrites }: Outcome): StoryCall['privateWrites'] =>
  [...privateWrites]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([collection, writes]) => writesOf(writes).map(write => ({ collection, ...write })))

/** The call of a {@link StoryCall}. */
export const callOf = (
  { argument, id, peer, time, transaction, transient = {} }: Omit<StoryCall, 'response' | 'writes' | 'privateWrites'>,
  identity: TestIdentity
): Call => ({
  identity,
  transaction,
  argument,
  id,
  time,
  peer,
  transient: Object.fromEntries(Object.entries(transient).map(([name, value]) => [name, Buffer.from(value, 'base64')]))
})

const salt = (n: number): string => toBase64(Uint8Array.from({ length: 16 }, (_, i) => (n * 31 + i * 7) % 256))
const hex = (digit: string): string => digit.repeat(64)

const [sam, alice, bob, reader]: readonly StoryCaller[] = [
  { mspId: 'Org1MSP', enrollmentId: 'sam', role: 'steward' },
  { mspId: 'Org1MSP', enrollmentId: 'alice', role: 'scientist' },
  { mspId: 'Org2MSP', enrollmentId: 'bob', role: 'scientist' },
  { mspId: 'Org2MSP', enrollmentId: 'reader' }
] as const satisfies readonly StoryCaller[]

const instrument = { maker: 'Acme', model: 'X1', schema: 'bims.instrument/1', serial: '42' }
const acquisition = (more: object): JsonValue => ({
  channels: [{ modality: 'light', path: {}, ...more }],
  image: { axes: ['y', 'x'], dtype: 'uint16', shape: [512, 512] },
  instrument: idOfRecord(instrument),
  schema: 'bims.acquisition/1'
})
const [plain, named] = [acquisition({}), acquisition({ name: 'GFP – grün' })]
const macro = { schema: 'bims.macro/1', note: 'not checked by the chaincode' }
const manifest = (n: number, sources: readonly object[]): JsonValue =>
  ({
    schema: 'bims.manifest/1',
    images: [{ name: '0', content: hex(n.toString(16)), digest: `bims-pixels-1:${hex(n.toString(16))}` }],
    acquisitions: [idOfRecord(plain)],
    macro: idOfRecord(macro),
    sources
  }) as JsonValue
const first = manifest(1, [{ name: 'raw', content: hex('0') }])
const derived = [2, 3, 4, 5].map(n =>
  manifest(n, [
    n % 2 === 0 ? { name: 'a', content: hex('1'), manifest: idOfRecord(first) } : { name: 'a', content: hex('1') }
  ])
)
const further = [6, 7, 8, 9].map(n =>
  manifest(n, [{ name: 'a', content: hex('2'), manifest: idOfRecord(derived[0]!) }])
)
const supersede = {
  reason: 'the channel had no name',
  replacement: idOfRecord(named),
  schema: 'bims.supersede/1',
  target: idOfRecord(plain)
}
const withdraw = {
  schema: 'bims.withdraw/1',
  submission: { enrollmentId: 'alice', mspId: 'Org1MSP' },
  target: idOfRecord(plain)
}
const restricted = (n: number) => ({ note: 'only for us', salt: salt(n), schema: 'bims.macro/1' })
const [secret, gone] = [restricted(1), restricted(2)]
const share = {
  owner: 'Org1MSP',
  receiver: 'Org2MSP',
  salt: salt(3),
  schema: 'bims.share/1',
  target: idOfRecord(secret)
}
const attached = Buffer.from('[Scan]\r\nDwell=0.0000003\r\n')
const attachmentSalt = Buffer.from(salt(4), 'base64')
const digest = attachmentDigest(attachmentSalt, attached)

/** What the golden vectors of the ledger are made of: a small story, played on the chaincode as it stands. */
export const playStory = async (
  identityOf: (caller: StoryCaller) => Promise<TestIdentity>
): Promise<{ readonly calls: readonly StoryCall[]; readonly questions: readonly StoryQuestion[] }> => {
  const ledger = new TestLedger()
  const calls: StoryCall[] = []
  const questions: StoryQuestion[] = []
  const text = (argument: object): string => Buffer.from(canonicalBytes(argument as JsonValue)).toString()

  const call = async (
    caller: StoryCaller,
    transaction: string,
    argument: object,
    transient: Readonly<Record<string, Uint8Array>> = {},
    peer = caller.mspId
  ): Promise<string> => {
    const n = calls.length + 1
    const asked = {
      caller,
      peer,
      transaction,
      argument: text(argument),
      transient: Object.fromEntries(
        Object.entries(transient).map(([name, value]) => [name, Buffer.from(value).toString('base64')])
      ),
      id: n.toString(16).padStart(2, '0').repeat(32),
      time: new Date(Date.UTC(2026, 10, 26, 12, n)).toISOString()
    }
    const outcome = await ledger.invoke(callOf(asked, await identityOf(caller)))
    calls.push({
      ...asked,
      response: outcome.payload,
      writes: writesOf(outcome.writes),
      privateWrites: privateWritesOf(outcome)
    })
    return transactionOf(outcome)
  }
  const submit = (caller: StoryCaller, records: readonly JsonValue[], more: object = {}, target?: string) => {
    const { argument, transient } = submission(records)
    const { records: refs } = argument as { records: object[] }
    const withTarget = refs.map(ref => ({ ...ref, ...(target !== undefined && { target }) }))
    return call(caller, 'Submit', { records: withTarget, ...more }, transient)
  }
  const ask = async (caller: StoryCaller, transaction: string, argument: object): Promise<string> => {
    const outcome = await ledger.invoke({ identity: await identityOf(caller), transaction, argument: text(argument) })
    if (outcome.payload === '') throw new Error(outcome.message)
    questions.push({ after: calls.length, caller, transaction, argument: text(argument), response: outcome.payload })
    return outcome.payload
  }

  await submit(sam, [instrument])
  const second = await submit(alice, [plain, named, macro])
  await submit(bob, [plain])
  const runs = [await submit(alice, [first, ...derived]), await submit(alice, further)]
  await submit(alice, [supersede], {}, second)
  await submit(sam, [withdraw], {}, second)
  const { buckets } = JSON.parse(await ask(reader, 'Runs', { level: 0 })) as {
    buckets: { bucket: string; runs: { transaction: string }[] }[]
  }
  const { bucket } = buckets.find(({ runs: found }) => found.length === runs.length)!
  await call(bob, 'Merge', { level: 0, bucket, runs })
  await ask(reader, 'Runs', { level: 1 })
  await submit(alice, [secret, gone], { restricted: { owner: 'Org1MSP' } })
  const shared = submission([share])
  await call(
    alice,
    'Share',
    { ...(shared.argument as object), owner: 'Org1MSP', receiver: 'Org2MSP' },
    { ...shared.transient, targets: deflateSync(joinPage([canonicalBytes(secret)])) },
    'Org2MSP'
  )
  await submit(sam, [secret], { release: { owner: 'Org1MSP', enrollmentId: 'alice' } })
  await call(
    alice,
    'Attach',
    { owner: 'Org1MSP', digest, size: attached.length, chunks: 1, first: 0, count: 1 },
    {
      'chunk/0': attached,
      header: canonicalBytes({ chunks: 1, mediaType: 'text/plain', salt: salt(4), size: attached.length })
    }
  )
  await ask(alice, 'ReadAttachment', { owner: 'Org1MSP', digest, first: 0, count: 1 })
  await call(sam, 'Purge', {
    owner: 'Org1MSP',
    records: [idOfRecord(gone)],
    submissions: [{ id: idOfRecord(gone), mspId: 'Org1MSP', enrollmentId: 'alice' }],
    attachments: [{ digest, enrollmentId: 'alice', chunks: 1 }]
  })

  await ask(reader, 'Read', { id: idOfRecord(plain) })
  await ask(reader, 'Read', { id: idOfRecord(plain), pageSize: 1 })
  await ask(reader, 'Read', { id: idOfRecord(further[0]!) })
  await ask(bob, 'Read', { id: idOfRecord(secret), restricted: { owner: 'Org2MSP' } })
  await ask(alice, 'Find', { kind: 'macro', owner: 'Org1MSP', restricted: { owner: 'Org1MSP' } })
  await ask(reader, 'Find', { image: hex('7') })
  await ask(reader, 'Find', { image: `bims-pixels-1:${hex('3')}` })
  await ask(reader, 'Find', { source: idOfRecord(first), pageSize: 1 })
  await ask(reader, 'Find', { reference: idOfRecord(plain), pageSize: 2 })
  await ask(reader, 'Find', { instrument: idOfRecord(instrument) })
  await ask(reader, 'Find', { kind: 'acquisition', owner: 'Org2MSP', from: '2026-11-26T12:00:00Z' })
  await ask(reader, 'Lineage', { id: idOfRecord(further[3]!), direction: 'sources', depth: 3 })
  await ask(reader, 'Lineage', { image: hex('0'), direction: 'derived', depth: 2 })
  await ask(reader, 'Attest', { id: idOfRecord(named), transaction: second })
  return { calls, questions }
}
