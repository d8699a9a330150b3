import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { blockFileName, blockFilesIn, frame, storedBlocks } from '@bims/ledger/blocks'
import { common, peer } from '@hyperledger/fabric-protos'
import { headerHash, newBlock } from '../../src/embedded/block.ts'
import { syntheticTransaction } from './synthetic.ts'

const fileBytes = 32 * 1024 * 1024

const tipOf = async (dir: string): Promise<{ readonly number: number; readonly hash: Uint8Array }> => {
  let tip: Uint8Array | undefined
  for await (const piece of storedBlocks(dir)) if (piece._tag === 'Block') tip = piece.bytes
  const header = common.Block.deserializeBinary(tip ?? new Uint8Array()).getHeader()
  if (header === undefined) throw new Error('there is no chain')
  return { number: header.getNumber(), hash: headerHash(header) }
}

/**
 * Appends blocks of one small transaction to the block files of a stopped ledger, linked and framed as its own, without
 * waiting for the disk at each: to commit so many would take the time of so many fsyncs.
 */
export const appendBlocks = async (dir: string, count: number): Promise<void> => {
  const tip = await tipOf(dir)
  let file = (await blockFilesIn(dir)).at(-1) ?? 0
  let size = (await stat(join(dir, blockFileName(file)))).size
  let previousHash = tip.hash
  let parts: Buffer[] = []
  const flush = async (): Promise<void> => {
    const handle = await open(join(dir, blockFileName(file)), 'a')
    await handle.writeFile(Buffer.concat(parts))
    await handle.sync()
    await handle.close()
    parts = []
  }
  for (let number = tip.number + 1; number <= tip.number + count; number++) {
    const block = newBlock({
      number,
      previousHash,
      data: [syntheticTransaction(`bench ${number}`).envelope],
      flags: Uint8Array.of(peer.TxValidationCode.VALID),
      commitHash: new Uint8Array(32),
      signers: []
    })
    const header = block.getHeader()
    if (header !== undefined) previousHash = headerHash(header)
    const bytes = frame(number, block.serializeBinary())
    if (size + bytes.length > fileBytes) {
      await flush()
      file++
      size = 0
    }
    parts.push(bytes)
    size += bytes.length
  }
  await flush()
}
