import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { common, peer } from '@hyperledger/fabric-protos'
import { canonicalBytes, joinPage } from '@bims/core'
import type { AuditProblem, ChainPiece } from '@bims/ledger'
import { commitHashOf, flagsOf } from '../../src/embedded/block.ts'
import { auditBlocks, edited, envelopesIn, keptChain, resealed, type KeptChain } from './chain.ts'
import { changeWrites, closeTransaction, openTransaction, type Forger, type OpenTransaction } from './forgery.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const Code = peer.TxValidationCode

let chain: KeptChain
/** Places of what the chain holds: block 0 the configuration, 1 to 3 records, 4 to 6 of `probe`: put, increment, conflict. */
const [record, conflict] = [2, 6]
beforeAll(async () => {
  chain = await keptChain()
})
afterAll(async () => chain.remove())

const problemsOf = async (blocks: readonly Uint8Array[], more = {}): Promise<readonly AuditProblem[]> =>
  (await auditBlocks(blocks, chain.trust, more)).problems
const kinds = (problems: readonly AuditProblem[], block?: number): readonly string[] => [
  ...new Set(problems.filter(one => block === undefined || one.block === block).map(({ kind }) => kind))
]
const replaced = (number: number, bytes: Uint8Array): readonly Uint8Array[] =>
  chain.blocks.map((block, i) => (i === number ? bytes : block))
const changed = (number: number, change: (block: common.Block) => void): readonly Uint8Array[] =>
  replaced(number, edited(chain.blocks[number]!, change))

const flipped = (bytes: Uint8Array, at = bytes.length >> 1): Uint8Array =>
  Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte))
const setMetadata = (block: common.Block, index: number, bytes: Uint8Array): void => {
  const list = block.getMetadata()!.getMetadataList_asU8()
  list[index] = bytes
  block.getMetadata()!.setMetadataList(list)
}

describe('a chain as it is', () => {
  it('is found right, and what nobody signs is named', async () => {
    const report = await auditBlocks(chain.blocks, chain.trust)
    expect(report).toMatchObject({
      ok: true,
      problems: [],
      channel: 'bims',
      blocks: 7,
      transactions: 7,
      records: 3,
      invalid: { MVCC_READ_CONFLICT: 1 }
    })
    expect(report.unsigned.map(({ field }) => field)).toEqual(
      expect.arrayContaining(['TRANSACTIONS_FILTER', 'COMMIT_HASH', 'the first block'])
    )
    // Creator and two endorsers a transaction, two orderers a block; the first block bears none.
    expect(report.signatures).toBe(6 * 3 + 6 * chain.orderers.length)
  })
})

// Threads come in with a second batch, and what is damaged ends one.
async function* inBatches(blocks: readonly Uint8Array[]): AsyncGenerator<ChainPiece> {
  for (const [number, bytes] of blocks.entries()) {
    yield await Promise.resolve({ _tag: 'Block', bytes } as const)
    if (number % 2 === 1) yield { _tag: 'Damaged', number: 100 + number, what: 'made up' }
  }
}

describe('threads', () => {
  const forged = (): readonly Uint8Array[] =>
    changed(2, block => {
      setMetadata(block, 0, forgedSignature(block))
      const [envelope = new Uint8Array()] = block.getData()!.getDataList_asU8()
      block.getData()!.setDataList([flipped(envelope, envelope.length - 5)])
    })
  // With two this thread takes blocks apart and the other verifies, with six the others do both.
  it.each([1, 2, 3, 6])('find what one thread finds: %i of them', async threads => {
    for (const blocks of [chain.blocks, forged()]) {
      const alone = await auditBlocks(blocks, chain.trust, { source: inBatches(blocks), threads: 0 })
      expect(await auditBlocks(blocks, chain.trust, { source: inBatches(blocks), threads })).toEqual(alone)
      expect(kinds(alone.problems, 2).includes('orderer-signature')).toBe(blocks !== chain.blocks)
    }
  })
})

describe('a peer that lies', () => {
  it.each([1, 3, 5])('withholds block %i', async number => {
    const problems = await problemsOf(chain.blocks.filter((_, i) => i !== number))
    expect(problems[0]).toMatchObject({ kind: 'block-missing', block: number })
  })
  it('puts a block in the place of another', async () => {
    const blocks = [...chain.blocks]
    ;[blocks[2], blocks[3]] = [blocks[3]!, blocks[2]!]
    expect(kinds(await problemsOf(blocks))).toContain('block-missing')
  })
  it('gives a block twice', async () => {
    const problems = await problemsOf([...chain.blocks.slice(0, 3), chain.blocks[2]!, ...chain.blocks.slice(3)])
    expect(kinds(problems, 2)).toContain('block-missing')
  })
  it('hides the end of the chain from somebody who has seen it', async () => {
    const problems = await problemsOf(chain.blocks.slice(0, -2), { seenBlock: 6 })
    expect(problems).toEqual([expect.objectContaining({ kind: 'shortened', block: 5 })])
  })
  it('shows another chain', async () => {
    const other = await keptChain(1)
    try {
      const problems = await problemsOf(other.blocks)
      expect(problems.filter(({ kind }) => kind === 'trust')).toHaveLength(2)
      const last = (await auditBlocks(chain.blocks, chain.trust)).first!
      const seen = (await auditBlocks(other.blocks, other.trust, { seen: [last] })).problems
      expect(seen).toEqual([expect.objectContaining({ kind: 'other-chain', block: 0 })])
    } finally {
      await other.remove()
    }
  })
  it('shows the chain of another channel', async () => {
    expect(kinds(await problemsOf(chain.blocks, { channel: 'mine' }))).toContain('other-chain')
  })
  it('has a chain whose organisations nobody vouches for', async () => {
    const report = await auditBlocks(chain.blocks, [])
    expect(report.problems).toEqual([expect.objectContaining({ kind: 'trust', block: 0 })])
    const half = await auditBlocks(chain.blocks, chain.trust.slice(0, 1))
    expect(half.problems).toEqual([
      expect.objectContaining({ kind: 'trust', what: expect.stringContaining('Org2MSP') })
    ])
  })
})

describe('a changed block', () => {
  const cases: readonly (readonly [string, number, (block: common.Block) => void, string])[] = [
    ['its number', 2, block => block.getHeader()!.setNumber(9), 'block-missing'],
    [
      'the hash of the block before',
      3,
      b => b.getHeader()!.setPreviousHash(flipped(b.getHeader()!.getPreviousHash_asU8())),
      'chain-broken'
    ],
    ['its data hash', 3, b => b.getHeader()!.setDataHash(flipped(b.getHeader()!.getDataHash_asU8())), 'data-hash'],
    [
      'a transaction',
      2,
      b =>
        b.getData()!.setDataList(
          b
            .getData()!
            .getDataList_asU8()
            .map(e => flipped(e))
        ),
      'data-hash'
    ],
    ['a transaction taken out', 2, b => b.getData()!.setDataList([]), 'data-hash'],
    ["an orderer's signature", 2, b => setMetadata(b, 0, forgedSignature(b)), 'orderer-signature'],
    ["the orderers' signatures taken out", 2, b => setMetadata(b, 0, withoutSignatures(b)), 'orderer-signature'],
    ['the last configuration', 2, b => setMetadata(b, 0, otherConfig(b)), 'orderer-signature'],
    ['a flag to invalid', 2, b => setMetadata(b, 2, Uint8Array.of(Code.BAD_PAYLOAD)), 'validation'],
    ['a flag to valid', conflict, b => setMetadata(b, 2, Uint8Array.of(Code.VALID)), 'validation'],
    ['a flag too many', 2, b => setMetadata(b, 2, Uint8Array.of(0, 0)), 'metadata'],
    ['no flags', 2, b => setMetadata(b, 2, new Uint8Array()), 'metadata'],
    ['the commit hash', 2, b => setMetadata(b, 4, forgedCommitHash(b)), 'commit-hash'],
    ['no commit hash', 2, b => setMetadata(b, 4, new Uint8Array()), 'commit-hash'],
    ['metadata that old orderers wrote', 2, b => setMetadata(b, 3, Uint8Array.of(1)), 'metadata'],
    ['a second word on the configuration', 2, b => setMetadata(b, 1, Uint8Array.of(10, 2, 8, 5)), 'metadata'],
    ['more metadata', 2, b => b.getMetadata()!.addMetadata(Uint8Array.of(1)), 'metadata']
  ]
  it.each(cases)('is found: %s of block %i', async (_, number, change, kind) => {
    expect(kinds(await problemsOf(changed(number, change)), number)).toContain(kind)
  })
  it('is found: bytes behind it, or that mean nothing', async () => {
    const junk = Buffer.concat([chain.blocks[2]!, Buffer.from([0xa2, 0x06, 1, 7])])
    expect(kinds(await problemsOf(replaced(2, junk)), 2)).toEqual(['block-damaged'])
    expect(kinds(await problemsOf(replaced(2, Uint8Array.of(0xff))))).toContain('block-damaged')
  })
  it('says of the conflict that was marked valid what it is', async () => {
    const problems = await problemsOf(changed(conflict, b => setMetadata(b, 2, Uint8Array.of(Code.VALID))))
    expect(problems).toContainEqual(
      expect.objectContaining({
        kind: 'validation',
        block: conflict,
        place: 0,
        what: expect.stringContaining('MVCC_READ_CONFLICT')
      })
    )
  })
})

const metadataOf = (block: common.Block): common.Metadata =>
  common.Metadata.deserializeBinary(block.getMetadata()!.getMetadataList_asU8()[0]!)
const forgedSignature = (block: common.Block): Uint8Array => {
  const metadata = metadataOf(block)
  const [first] = metadata.getSignaturesList()
  first!.setSignature(flipped(first!.getSignature_asU8()))
  return metadata.serializeBinary()
}
const withoutSignatures = (block: common.Block): Uint8Array => {
  const metadata = metadataOf(block)
  metadata.setSignaturesList([])
  return metadata.serializeBinary()
}
const otherConfig = (block: common.Block): Uint8Array => {
  const metadata = metadataOf(block)
  const value = common.OrdererBlockMetadata.deserializeBinary(metadata.getValue_asU8())
  value.getLastConfig()!.setIndex(1)
  metadata.setValue(value.serializeBinary())
  return metadata.serializeBinary()
}
const forgedCommitHash = (block: common.Block): Uint8Array => {
  const metadata = new common.Metadata()
  metadata.setValue(flipped(commitHashOf(block)))
  return metadata.serializeBinary()
}

describe('orderers that cheat', () => {
  const forge = async (
    change: (open: OpenTransaction) => void,
    forger: Forger = {},
    number = record
  ): Promise<readonly AuditProblem[]> => {
    const open = openTransaction(envelopesIn(chain.blocks[number]!)[0]!)
    change(open)
    return problemsOf(resealed(chain, { [number]: { data: [closeTransaction(open, forger)] } }))
  }
  const says = (code: string, number = record): unknown =>
    expect.arrayContaining([
      expect.objectContaining({
        kind: 'validation',
        block: number,
        place: 0,
        what: expect.stringContaining(`should be ${code}`)
      })
    ])

  it('seal a chain anew that is found right where nothing was changed', async () => {
    const same = envelopesIn(chain.blocks[record]!)
    expect(await problemsOf(resealed(chain, { [record]: { data: same } }))).toEqual([])
    // And a transaction that is laid open and put together again is the same.
    expect(await forge(() => undefined)).toEqual([])
  })
  it('put in a transaction that its creator did not sign', async () => {
    expect(await forge(open => (open.signature = flipped(open.signature)))).toEqual(says('BAD_CREATOR_SIGNATURE'))
    expect(await forge(() => undefined, { creator: chain.peers[1]! })).toEqual(says('BAD_CREATOR_SIGNATURE'))
  })
  it('change the id, the nonce, the channel, the time of a transaction', async () => {
    const { creator } = chain
    expect(await forge(open => open.channelHeader.setTxId('00'.repeat(32)), { creator })).toEqual(
      says('BAD_PROPOSAL_TXID')
    )
    expect(await forge(open => open.signatureHeader.setNonce('AAAA'), { creator })).toEqual(says('BAD_PROPOSAL_TXID'))
    expect(await forge(open => open.channelHeader.setEpoch(1), { creator })).toEqual(says('BAD_COMMON_HEADER'))
    expect(await forge(open => open.channelHeader.setTimestamp(), { creator })).toEqual(
      says('INVALID_ENDORSER_TRANSACTION')
    )
  })
  it('change what was called, with the creator on their side', async () => {
    const { creator } = chain
    const change = (open: OpenTransaction): void => open.proposal.setInput(flipped(open.proposal.getInput_asU8()))
    expect(await forge(change, { creator })).toEqual(says('INVALID_ENDORSER_TRANSACTION'))
  })
  it('change an endorsement, or leave one out', async () => {
    const { creator } = chain
    expect(
      await forge(({ endorsements: [one] }) => one!.setSignature(flipped(one!.getSignature_asU8())), { creator })
    ).toEqual(says('ENDORSEMENT_POLICY_FAILURE'))
    expect(await forge(({ endorsements }) => void endorsements.pop(), { creator })).toEqual(
      says('ENDORSEMENT_POLICY_FAILURE')
    )
    const [peer1, peer2] = chain.peers
    expect(await forge(() => undefined, { creator, peers: [peer1!, peer1!] })).toEqual(
      says('ENDORSEMENT_POLICY_FAILURE')
    )
    expect(await forge(() => undefined, { creator, peers: [peer1!, chain.orderers[1]!] })).toEqual(
      says('ENDORSEMENT_POLICY_FAILURE')
    )
    expect(await forge(() => undefined, { creator, peers: [peer1!, peer2!] })).toEqual([])
  })
  it('change what was written: without the peers, then with all of them on their side', async () => {
    const { creator, peers } = chain
    const change = (open: OpenTransaction): void =>
      changeWrites(open, 'bims', set => {
        const page = set.getWritesList().find(write => write.getKey().startsWith('\u0000page\u0000'))!
        page.setValue(deflateSync(joinPage([canonicalBytes({ schema: 'bims.macro/1', words: ['other'] })])))
      })
    expect(await forge(change, { creator })).toEqual(says('ENDORSEMENT_POLICY_FAILURE'))
    const all = await forge(change, { creator, peers })
    expect(all).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'record',
          block: record,
          what: expect.stringContaining('its content has the id')
        }),
        expect.objectContaining({ kind: 'commit-hash', block: record })
      ])
    )
  })
  it('put a transaction in twice', async () => {
    const [own] = envelopesIn(chain.blocks[record]!)
    const later = resealed(chain, { 3: { data: [own!], flags: Uint8Array.of(Code.VALID) } })
    expect(await problemsOf(later)).toEqual(says('DUPLICATE_TXID', 3))
    const beside = resealed(chain, { [record]: { data: [own!, own!], flags: Uint8Array.of(Code.VALID, Code.VALID) } })
    expect(kinds(await problemsOf(beside), record)).toContain('validation')
  })
  it('change the order of transactions, so that a read is no longer what it was', async () => {
    const [put, increment] = [envelopesIn(chain.blocks[4]!)[0]!, envelopesIn(chain.blocks[5]!)[0]!]
    const swapped = resealed(chain, { 4: { data: [increment] }, 5: { data: [put] } })
    expect(await problemsOf(swapped)).toEqual(says('MVCC_READ_CONFLICT', 4))
  })
})

describe('the flags', () => {
  it('of every transaction are recomputed, whatever stands there', async () => {
    for (const [number, bytes] of chain.blocks.entries()) {
      const [own] = flagsOf(common.Block.deserializeBinary(bytes))
      for (const code of [Code.VALID, Code.MVCC_READ_CONFLICT, Code.BAD_CREATOR_SIGNATURE, 254]) {
        if (code === own) continue
        const problems = await problemsOf(changed(number, block => setMetadata(block, 2, Uint8Array.of(code))))
        expect(problems.some(({ kind, block }) => kind === 'validation' && block === number)).toBe(true)
      }
    }
  })
})
