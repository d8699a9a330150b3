import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { common } from '@hyperledger/fabric-protos'
import { auditChain, type AuditOptions, type AuditReport, type ChainPiece, type TrustedRoot } from '@bims/ledger'
import { storedBlocks } from '@bims/ledger/blocks'
import { readIdentityText, startEmbedded } from '../../src/index.ts'
import { commitHashOf, flagsOf, headerHash, newBlock } from '../../src/embedded/block.ts'
import { readMaterial } from '../../src/embedded/material.ts'
import { newSigner, type Signer } from '../../src/embedded/signer.ts'
import { connectAs } from '../client.ts'
import { probe } from '../fixtures/probe.ts'
import { newMacro, openAs, right } from '../ledger/open.ts'
import { trustOf } from './trust.ts'

/** A small chain of the embedded ledger with all keys that were used for it: what a cheat has who owns everything. */
export interface KeptChain {
  readonly blocks: readonly Uint8Array[]
  readonly trust: readonly TrustedRoot[]
  readonly orderers: readonly Signer[]
  readonly peers: readonly Signer[]
  /** Of org1/alice, who submitted everything. */
  readonly creator: Signer
  /** Folder of the network, which has ended. */
  readonly dir: string
  readonly remove: () => Promise<void>
}

/** All blocks that the folder of an embedded ledger holds. */
export const blocksOf = async (dir: string): Promise<readonly Uint8Array[]> => {
  const blocks: Uint8Array[] = []
  for await (const piece of storedBlocks(join(dir, 'ledger', 'blocks'))) {
    if (piece._tag !== 'Block') throw new Error(`damaged: ${JSON.stringify(piece)}`)
    blocks.push(Uint8Array.from(piece.bytes))
  }
  return blocks
}

/** Records of alice, one transaction each; and of the contract `probe` one that conflicts and one that is overtaken in a range. */
export const keptChain = async (records = 3): Promise<KeptChain> => {
  const dir = await mkdtemp(join(tmpdir(), 'bims-audit-'))
  const network = await startEmbedded({ dir, chaincodes: [{ name: 'bims', module: '@bims/chaincode' }, probe] })
  const alice = await openAs(network.profileFile, 'org1/alice')
  for (let i = 0; i < records; i++) {
    const [outcome] = right(await alice.submit([newMacro('record', i)])())
    if (outcome?.status !== 'committed') throw new Error(outcome?.error?.what)
  }
  alice.close()
  const client = connectAs(network, 'org1/alice')
  const contract = client.gateway.getNetwork(network.profile.channel).getContract('probe')
  await contract.submitTransaction('put', 'n', '1')
  const [first, second] = [
    await contract.newProposal('increment', { arguments: ['n'] }).endorse(),
    await contract.newProposal('increment', { arguments: ['n'] }).endorse()
  ]
  await (await first.submit()).getStatus()
  await (await second.submit()).getStatus()
  client.close()
  await network.close()
  const material = await readMaterial(dir)
  const identity = network.profile.organizations[0]!.identities['alice']!
  return {
    blocks: await blocksOf(dir),
    trust: trustOf(network.profile),
    orderers: material.map(({ mspId, orderer }) => newSigner(mspId, orderer)),
    peers: material.map(({ mspId, peer }) => newSigner(mspId, peer)),
    creator: newSigner('Org1MSP', readIdentityText(await readFile(join(dir, identity), 'utf8'))),
    dir,
    remove: () => rm(dir, { recursive: true })
  }
}

/** Audits blocks in this thread. */
export const auditBlocks = async (
  blocks: readonly Uint8Array[],
  trust: readonly TrustedRoot[],
  more: Partial<AuditOptions> = {}
): Promise<AuditReport> => {
  async function* source(): AsyncGenerator<ChainPiece> {
    for (const bytes of blocks) yield await Promise.resolve({ _tag: 'Block', bytes } as const)
  }
  return right(await auditChain({ source: source(), trust, threads: 0, ...more })())
}

/** A block with something changed in it, and nothing else. */
export const edited = (bytes: Uint8Array, change: (block: common.Block) => void): Uint8Array => {
  const block = common.Block.deserializeBinary(bytes)
  change(block)
  return block.serializeBinary()
}

/** What a cheat changes of a block before it is sealed anew. */
export interface Resealed {
  readonly data?: readonly Uint8Array[]
  readonly flags?: Uint8Array
}

/**
 * The chain with changed blocks, links, data hashes and the orderers' signatures made anew from the first change on: what
 * a cheat can do who has the orderers' keys. Commit hashes stay as they were.
 */
export const resealed = (chain: KeptChain, changes: Readonly<Record<number, Resealed>>): readonly Uint8Array[] => {
  const sealed: Uint8Array[] = []
  let before: Uint8Array = new Uint8Array()
  let changed = false
  for (const [number, bytes] of chain.blocks.entries()) {
    const block = common.Block.deserializeBinary(bytes)
    changed ||= changes[number] !== undefined
    const next = changed
      ? newBlock({
          number,
          previousHash: before,
          data: changes[number]?.data ?? block.getData()!.getDataList_asU8(),
          flags: changes[number]?.flags ?? flagsOf(block),
          commitHash: commitHashOf(block),
          signers: chain.orderers
        })
      : block
    before = headerHash(next.getHeader()!)
    sealed.push(next.serializeBinary())
  }
  return sealed
}

/** The envelopes of a block. */
export const envelopesIn = (bytes: Uint8Array): readonly Uint8Array[] =>
  common.Block.deserializeBinary(bytes).getData()!.getDataList_asU8()
