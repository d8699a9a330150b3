/**
 * Program that starts an embedded ledger on a folder, submits restricted records to it, each with an attachment, purges
 * every third and stops it: `node restricted-writer.ts DIR RUN COUNT`. It prints `committed ID` and `attached DIGEST HEX`, with the
 * attachment's bytes, once they are acknowledged; `purging` with both before a purge and `purged` with both once that is.
 */
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { startEmbedded } from '../../src/index.ts'
import { openAs, recordOf, right } from '../ledger/open.ts'

const [dir = '', run = '', count = ''] = process.argv.slice(2)
// Synchronous: what was printed before a kill must arrive.
const say = (line: string): void => void writeSync(1, `${line}\n`)

const network = await startEmbedded({ dir, blockFileBytes: 20_000 })
const alice = await openAs(network.profileFile, 'org1/alice')
const steward = await openAs(network.profileFile, 'org1/sam')
for (let n = 0; n < Number(count); n++) {
  const record = recordOf({
    schema: 'bims.macro/1',
    words: [run, n],
    salt: randomBytes(16).toString('base64')
  })
  const [outcome] = right(await alice.submit([record], { restricted: true })())
  if (outcome?.status !== 'committed') throw new Error(outcome?.error?.what)
  say(`committed ${record.id}`)
  // Its bytes go into the files as they are: a record is packed, and could not be searched for.
  const bytes = randomBytes(64)
  const { digest } = right(await alice.attach({ salt: randomBytes(16), bytes })())
  say(`attached ${digest} ${bytes.toString('hex')}`)
  if (n % 3 !== 1) continue
  say(`purging ${record.id} ${digest}`)
  right(await steward.purge([record.id], { attachments: [{ digest, enrollmentId: 'alice', chunks: 1 }] })())
  say(`purged ${record.id} ${digest}`)
}
alice.close()
steward.close()
await network.close()
