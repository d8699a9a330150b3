import { join } from 'node:path'
import { common, peer } from '@hyperledger/fabric-protos'
import { flagsOf, headerHash } from '../../src/embedded/block.ts'
import { openChain } from '../../src/embedded/chain.ts'
import type { Chain } from '../../src/embedded/chain.ts'
import { parseStored } from '../../src/embedded/envelope.ts'
import { lockFolder } from '../../src/embedded/lock.ts'
import { sameBytes, sha256 } from '../../src/protobuf/messages.ts'
import type { StateCursor } from '../../src/embedded/state-store.ts'
import { emptyGenesis, lastKey, namespace, ownKey, syntheticTransaction } from './synthetic.ts'

interface Found {
  /** Id of a transaction → its block, for those that are valid. */
  readonly blocks: Map<string, number>
  readonly wrong: string[]
}

const noteTransactions = (block: common.Block, number: number, { blocks, wrong }: Found): void => {
  const flags = flagsOf(block)
  for (const [i, bytes] of (block.getData()?.getDataList_asU8() ?? []).entries()) {
    const id = parseStored(bytes)?.channel.getTxId() ?? ''
    if (id === '' || flags[i] !== peer.TxValidationCode.VALID) continue
    if (blocks.has(id)) wrong.push(`transaction ${id} stands in block ${blocks.get(id)} and in ${number}`)
    blocks.set(id, number)
  }
}

const readBlocks = async (chain: Chain, found: Found): Promise<void> => {
  let previous: Uint8Array = new Uint8Array()
  for (let number = 0; number < chain.height(); number++) {
    const block = common.Block.deserializeBinary(await chain.read(number))
    const header = block.getHeader()
    if (header === undefined) throw new Error(`block ${number} has no header`)
    if (header.getNumber() !== number) found.wrong.push(`block ${number} calls itself ${header.getNumber()}`)
    if (!sameBytes(header.getPreviousHash_asU8(), previous)) found.wrong.push(`block ${number} is not linked`)
    if (!sameBytes(header.getDataHash_asU8(), sha256(...(block.getData()?.getDataList_asU8() ?? []))))
      found.wrong.push(`the data hash of block ${number} does not hold`)
    previous = headerHash(header)
    noteTransactions(block, number, found)
  }
}

const countOf = async <A>(cursor: StateCursor<A>): Promise<number> => {
  let count = 0
  while ((await cursor.next()) !== undefined) count++
  await cursor.close()
  return count
}

/** Everything that was tried, and what of it was acknowledged with its block. */
export interface ChainRun {
  readonly tried: ReadonlySet<string>
  readonly committed: ReadonlyMap<string, number>
}

/** Reads what a chain-writer printed. */
export const chainRun = (lines: readonly string[]): ChainRun => {
  const tried = new Set<string>()
  const committed = new Map<string, number>()
  for (const line of lines) {
    const [word, ...rest] = line.split(' ')
    if (word === 'trying') for (const text of rest) tried.add(text)
    if (word === 'committed') for (const text of rest.slice(1)) committed.set(text, Number(rest[0]))
  }
  return { tried, committed }
}

const checkIndex = async (chain: Chain, texts: ReadonlyMap<string, string>, found: Found): Promise<void> => {
  for (const [id, block] of found.blocks) {
    const text = texts.get(id)
    if (text === undefined) found.wrong.push(`transaction ${id} was never tried`)
    else {
      const state = chain.state.get(namespace, ownKey(text))
      if (
        Buffer.from(state?.value ?? [])
          .toString()
          .trimEnd() !== text ||
        state?.version.block !== block
      )
        found.wrong.push(`the state of ${text} is not that of block ${block}`)
    }
    if (chain.state.transaction(id)?.block !== block) found.wrong.push(`the index has transaction ${id} elsewhere`)
  }
  const writes = await countOf(chain.state.history(namespace, lastKey))
  if (writes !== found.blocks.size) found.wrong.push(`the history has ${writes} writes of ${found.blocks.size}`)
  const states = await countOf(chain.state.range(namespace, ownKey(''), ownKey('\uffff')))
  if (states !== found.blocks.size) found.wrong.push(`the state has ${states} keys of ${found.blocks.size}`)
  if (chain.state.savepoint() !== chain.height()) found.wrong.push('the index is not as high as the chain')
}

/**
 * Opens a chain after a fault, and says what is wrong with it: something acknowledged that is lost, something twice, a
 * link that does not hold, an index that differs. It must also take on a further block.
 */
export const checkChain = async (dir: string, { tried, committed }: ChainRun): Promise<readonly string[]> => {
  const found: Found = { blocks: new Map(), wrong: [] }
  const texts = new Map([...tried].map(text => [syntheticTransaction(text).txId, text] as const))
  const lock = await lockFolder(join(dir, 'lock'))
  try {
    const chain = await openChain({ dir, signers: [], genesis: emptyGenesis, fileBytes: 6000 })
    try {
      await readBlocks(chain, found)
      // What this check itself committed after the faults before.
      for (let n = 0; n < chain.height(); n++) texts.set(syntheticTransaction(`check ${n}`).txId, `check ${n}`)
      for (const [text, block] of committed)
        if (found.blocks.get(syntheticTransaction(text).txId) !== block)
          found.wrong.push(`${text} was acknowledged in block ${block} and is lost`)
      await checkIndex(chain, texts, found)
      const height = chain.height()
      const [next] = await chain.commit([syntheticTransaction(`check ${height}`)])
      if (next?.block !== height) found.wrong.push('no further block is taken on')
    } finally {
      await chain.close()
    }
  } catch (error) {
    found.wrong.push(`the chain does not open: ${error instanceof Error ? error.stack : JSON.stringify(error)}`)
  } finally {
    await lock.release()
  }
  return found.wrong
}
