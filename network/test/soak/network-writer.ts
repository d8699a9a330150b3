/**
 * Program that starts an embedded ledger on a folder, submits to it as a client and stops it: `node network-writer.ts DIR RUN
 * COUNT`. It prints `trying KEY` before a transaction and `committed KEY` once it is acknowledged.
 */
import { writeSync } from 'node:fs'
import { startEmbedded } from '../../src/index.ts'
import { connectAs } from '../client.ts'
import { probe } from '../fixtures/probe.ts'

const [dir = '', run = '', count = ''] = process.argv.slice(2)
// Synchronous: what was printed before a kill must arrive.
const say = (line: string): void => void writeSync(1, `${line}\n`)

const network = await startEmbedded({ dir, chaincodes: [probe], blockFileBytes: 20_000 })
const client = connectAs(network, 'org1/alice')
const contract = client.gateway.getNetwork('bims').getContract('probe')
for (let n = 0; n < Number(count); n++) {
  const key = `${run}-${n}`
  say(`trying ${key}`)
  await contract.submitTransaction('put', key, key)
  say(`committed ${key}`)
}
client.close()
await network.close()
