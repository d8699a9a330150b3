/**
 * Program that commits blocks to the chain in a folder: `node chain-writer.ts DIR RUN BLOCKS`. It prints
 * `trying TEXT…` before a block, and `committed NUMBER TEXT…` once the block is acknowledged.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { openChain } from '../../src/embedded/chain.ts'
import { lockFolder } from '../../src/embedded/lock.ts'
import { emptyGenesis, syntheticTransaction } from './synthetic.ts'

const [dir = '', run = '', blocks = ''] = process.argv.slice(2)
// Synchronous: what was printed before a kill must arrive.
const say = (line: string): void => void writeSync(1, `${line}\n`)

const lock = await lockFolder(join(dir, 'lock'))
const chain = await openChain({ dir, signers: [], genesis: emptyGenesis, fileBytes: 6000 })
for (let n = 0; n < Number(blocks); n++) {
  const texts = Array.from({ length: 1 + (n % 3) }, (_, i) => `${run}-${n}-${i}`)
  say(`trying ${texts.join(' ')}`)
  const height = chain.height()
  try {
    const committed = await chain.commit(texts.map(text => syntheticTransaction(text, text.padEnd(20 + n * 7))))
    say(`committed ${committed[0]?.block} ${texts.join(' ')}`)
  } catch (error) {
    say(`failed ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`)
    // As the orderer does: past a block that is written but not indexed nothing more is taken on.
    if (chain.height() !== height) break
  }
}
await chain.close()
await lock.release()
