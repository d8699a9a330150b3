import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  canonicalBytes,
  parseCanonical,
  parsePem,
  recordBounds,
  toJson,
  type JsonValue,
  type Receipt
} from '@bims/core'
import { parseRevocationLists, verifyReceipt, type ReceiptTerms, type VerifiedReceipt } from '@bims/ledger'
import { newMacro, openAs, right } from '../ledger/open.ts'
import { startEmbedded } from '../../src/index.ts'
import { trustOf } from '../audit/trust.ts'
import { newEndorsing, payloadOf, receiptOver, transaction, type Answer, type Endorsing } from './forged-receipt.ts'
import { revocationList } from './revocation-list.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const id = `sha256:${'5'.repeat(64)}`
let [one, two]: Endorsing[] = []
let terms: ReceiptTerms
const rootsOf = (...organizations: readonly Endorsing[]): ReceiptTerms['roots'] =>
  organizations.flatMap(({ root }) => right(parsePem(root)))

beforeAll(async () => {
  ;[one, two] = [await newEndorsing('Org1MSP'), await newEndorsing('Org2MSP')]
  terms = { roots: rootsOf(one, two), revocations: [], channel: 'bims', chaincode: 'bims' }
})

const verify = (
  receipt: JsonValue,
  more: Partial<ReceiptTerms> = {}
): Promise<E.Either<{ readonly code: string; readonly what: string }, VerifiedReceipt>> =>
  verifyReceipt(receipt, { ...terms, ...more })()
const json = (receipt: Receipt): JsonValue => toJson(receipt)
const signed = (answer: Partial<Answer> = {}, endorsing: readonly Endorsing[] = [one!, two!]): JsonValue =>
  json(
    receiptOver(
      id,
      payloadOf({ id, ...answer }),
      endorsing.map(({ peer }) => peer)
    )
  )
const refused = async (receipt: JsonValue, more: Partial<ReceiptTerms> = {}): Promise<string> => {
  const result = await verify(receipt, more)
  if (E.isRight(result)) throw new Error('it verifies')
  expect(result.left.code).toBe('receipt-invalid')
  return result.left.what
}

describe('a receipt', () => {
  it('of two organisations proves where the record stands, as a consortium', async () => {
    expect(right(await verify(signed()))).toMatchObject({
      over: id,
      channel: 'bims',
      transaction,
      block: 12,
      place: 3,
      trust: 'consortium',
      time: 'claimed',
      endorsers: [
        { mspId: 'Org1MSP', embedded: false },
        { mspId: 'Org2MSP', embedded: false }
      ]
    })
  })
  it("may hold the peer's own read of the chaincode's definition, as those of real peers do", async () => {
    const receipt = signed({ lifecycleKey: 'namespaces/fields/bims/Sequence' })
    expect(right(await verify(receipt)).trust).toBe('consortium')
    expect(await refused(signed({ lifecycleKey: 'namespaces/fields/other/Sequence' }))).toContain('alone')
  })
  it('of one organisation is that of a single party, however many of its peers signed', async () => {
    const more = await one!.authority.issue({ name: 'peer1', role: 'peer' })
    const { newSigner } = await import('../../src/embedded/signer.ts')
    const other = newSigner('Org1MSP', more)
    expect(right(await verify(signed({}, [one!]))).trust).toBe('single-party')
    expect(right(await verify(signed({}, [one!, { ...one!, peer: other }]))).trust).toBe('single-party')
    // A second name does not make a second organisation: the root tells them apart.
    const renamed = newSigner('Org9MSP', more)
    expect(right(await verify(signed({}, [one!, { ...one!, peer: renamed }]))).trust).toBe('single-party')
  })
  it('of an embedded ledger is that of a single party, however many organisations it names', async () => {
    const marked = [
      await newEndorsing('Org1MSP', { embedded: true }),
      await newEndorsing('Org2MSP', { embedded: true })
    ]
    const result = right(await verify(signed({}, marked), { roots: rootsOf(...marked) }))
    expect(result).toMatchObject({ trust: 'single-party', endorsers: [{ embedded: true }, { embedded: true }] })
    const mixed = [one!, marked[1]!]
    expect(right(await verify(signed({}, mixed), { roots: rootsOf(...mixed) })).trust).toBe('single-party')
  })
  it('is nothing without roots, under other roots, or with one endorser under none', async () => {
    const none = await verify(signed(), { roots: [] })
    expect(E.isLeft(none) && none.left.code).toBe('certificate-invalid')
    expect(await refused(signed(), { roots: rootsOf(one!) })).toContain('no given root')
    const stranger = await newEndorsing('Org1MSP')
    expect(await refused(signed(), { roots: rootsOf(stranger, two!) })).toContain('no given root')
  })
  it.each<[string, Partial<Answer>, string]>([
    ['another channel', { channel: 'other' }, 'channel'],
    ['another chaincode', { chaincode: 'other' }, 'chaincode'],
    ['another record', { id: `sha256:${'6'.repeat(64)}` }, 'does not say'],
    [
      'a text that is not canonical',
      { text: `{"id":"${id}","channel":"bims","type":"bims.attest/1"}` },
      'does not say'
    ],
    ['another type', { text: `{"channel":"bims","id":"${id}","type":"bims.other/1"}` }, 'does not say'],
    ['an error', { status: 500 }, 'success'],
    ['a message', { message: 'm' }, 'more than'],
    ['an event', { events: true }, 'more than'],
    ['a key that was not there', { version: false }, 'nothing under'],
    ['another kind of key', { key: '\u0000mark\u0000x\u0000' }, 'not one under which'],
    ['two reads', { reads: 2 }, 'exactly one'],
    ['no read', { reads: 0 }, 'exactly one'],
    ['a range', { range: true }, 'exactly one'],
    ['a write', { write: true }, 'exactly one'],
    ['the state of another chaincode', { namespace: 'other' }, 'alone']
  ])('over %s proves nothing', async (_, answer, words) => {
    expect(await refused(signed(answer))).toContain(words)
  })
  it('by somebody who is not a peer proves nothing', async () => {
    const client = await newEndorsing('Org1MSP', { role: 'client' })
    expect(await refused(signed({}, [client, two!]), { roots: rootsOf(client, two!) })).toContain('not a peer')
  })
  it('still holds when the certificate of an endorser has expired since', async () => {
    const expired = await one!.authority.issue({ name: 'old', role: 'peer', notAfter: new Date(Date.now() - 60_000) })
    const { newSigner } = await import('../../src/embedded/signer.ts')
    const endorsing = { ...one!, peer: newSigner('Org1MSP', expired) }
    expect(right(await verify(signed({}, [endorsing, two!]))).trust).toBe('consortium')
  })
  it('does not hold when a given list revokes an endorser; a list of somebody else does nothing', async () => {
    const list = await revocationList(one!.authority.credential, [one!.certificate])
    const lists = right(parseRevocationLists(list))
    expect(await refused(signed(), { revocations: lists })).toContain('revoked')
    const others = right(parseRevocationLists(await revocationList(two!.authority.credential, [one!.certificate])))
    expect(right(await verify(signed(), { revocations: others })).trust).toBe('consortium')
    const empty = right(parseRevocationLists(await revocationList(one!.authority.credential, [])))
    expect(right(await verify(signed(), { revocations: empty })).trust).toBe('consortium')
  })
  it('holds no member that is in nobody’s word', async () => {
    const receipt = signed()
    expect(await refused({ ...(receipt as object), more: 1 })).toContain('members')
  })
})

describe('a receipt of which something changes', () => {
  const read = (bytes: Uint8Array): Promise<E.Either<unknown, unknown>> | undefined => {
    const value = parseCanonical(bytes, recordBounds)
    return E.isLeft(value) ? undefined : verify(value.right)
  }
  const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
    Uint8Array.from(bytes, (byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

  it('fails: every byte of what two organisations signed, of their names and of their signatures', async () => {
    const receipt = receiptOver(id, payloadOf({ id }), [one!.peer, two!.peer])
    const flips: Receipt[] = []
    const bits = (text: string): readonly string[] => {
      const bytes = Buffer.from(text, 'base64')
      return Array.from(bytes, (_, at) => Buffer.from(flipped(bytes, at * 8 + (at % 8))).toString('base64'))
    }
    for (const payload of bits(receipt.payload)) flips.push({ ...receipt, payload })
    receipt.endorsements.forEach((endorsement, at) => {
      const put = (changed: Receipt['endorsements'][number]): void =>
        void flips.push({ ...receipt, endorsements: receipt.endorsements.map((own, i) => (i === at ? changed : own)) })
      for (const endorser of bits(endorsement.endorser)) put({ ...endorsement, endorser })
      for (const signature of bits(endorsement.signature)) put({ ...endorsement, signature })
    })
    const held = (await Promise.all(flips.map(flip => verify(json(flip))))).filter(E.isRight)
    expect(flips.length).toBeGreaterThan(1700)
    expect(held).toEqual([])
  })
  it('fails: every byte of its JSON text, four bits of each', async () => {
    const bytes = canonicalBytes(signed({}, [one!]))
    expect(E.isRight((await read(bytes)) as E.Either<unknown, unknown>)).toBe(true)
    let tried = 0
    for (let bit = 0; bit < bytes.length * 8; bit += 2) {
      const result = read(flipped(bytes, bit))
      tried += 1
      if (result !== undefined && E.isRight(await result)) throw new Error(`bit ${bit} changes nothing`)
    }
    expect(tried).toBe(bytes.length * 4)
  })
  it('fails: bytes moved from what was signed into the name of who signed, or taken away', async () => {
    const receipt = receiptOver(id, payloadOf({ id }), [one!.peer])
    const payload = Buffer.from(receipt.payload, 'base64')
    const [endorsement] = receipt.endorsements
    const endorser = Buffer.from(endorsement!.endorser, 'base64')
    for (const cut of [1, 2, 10, payload.length - 1]) {
      const moved = {
        ...receipt,
        payload: payload.subarray(0, -cut).toString('base64'),
        endorsements: [
          { ...endorsement!, endorser: Buffer.concat([payload.subarray(-cut), endorser]).toString('base64') }
        ]
      }
      expect(await refused(json(moved))).not.toBe('')
    }
    expect(await refused(json({ ...receipt, endorsements: [] }))).toContain('1 to 100')
  })
})

describe('the receipts of an embedded ledger', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bims-receipt-'))
  })
  afterAll(async () => rm(dir, { recursive: true }))

  it('verify with nothing but the roots, when the ledger is gone, and say single-party', async () => {
    const network = await startEmbedded({ dir: join(dir, 'network') })
    const alice = await openAs(network.profileFile, 'org1/alice')
    const record = newMacro('attested')
    const [outcome] = right(await alice.submit([record])())
    const receipt = right(await alice.attest(record.id)())
    alice.close()
    await network.close()
    const roots = trustOf(network.profile).map(({ certificate }) => certificate)
    expect(right(await verify(json(receipt), { roots }))).toMatchObject({
      over: record.id,
      block: outcome!.block,
      transaction: outcome!.transaction,
      trust: 'single-party',
      endorsers: [
        { mspId: 'Org1MSP', embedded: true },
        { mspId: 'Org2MSP', embedded: true }
      ]
    })
    expect(await refused(json(receipt), { roots, channel: 'other' })).toContain('channel')
    expect(await refused(json(receipt))).toContain('no given root')
  })
  it('bear signatures that another program verifies (openssl)', async context => {
    try {
      execFileSync('openssl', ['version'])
    } catch {
      context.skip('NOT CHECKED with openssl: it is not here')
    }
    const receipt = receiptOver(id, payloadOf({ id }), [one!.peer])
    const [endorsement] = receipt.endorsements
    const at = (name: string): string => join(dir, name)
    await writeFile(
      at('signed'),
      Buffer.concat([Buffer.from(receipt.payload, 'base64'), Buffer.from(endorsement!.endorser, 'base64')])
    )
    await writeFile(at('signature'), Buffer.from(endorsement!.signature, 'base64'))
    await writeFile(at('certificate'), one!.certificate)
    await writeFile(at('key'), execFileSync('openssl', ['x509', '-in', at('certificate'), '-pubkey', '-noout']))
    const said = execFileSync('openssl', [
      'dgst',
      '-sha256',
      '-verify',
      at('key'),
      '-signature',
      at('signature'),
      at('signed')
    ])
    expect(said.toString()).toContain('Verified OK')
  })
})
