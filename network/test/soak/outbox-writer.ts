/**
 * Program that queues records and attachments and delivers them, a few times: `node outbox-writer.ts DIR RUN ROUNDS LEDGER`. LEDGER is a
 * file with what the ledger, which is elsewhere, holds. It prints `queued ID` once a record or an attachment is acknowledged,
 * `ledger TRANSACTION ID…` as the ledger takes a transaction, `committed ID TRANSACTION` once the outbox says so.
 */
import { appendFileSync, readFileSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { canonicalBytes, utf8 } from '@bims/core'
import { deliver, openOutbox } from '@bims/ledger'
import { committedIn, remoteLedger } from './remote-ledger.ts'

const [dir = '', run = '', rounds = '', ledgerFile = ''] = process.argv.slice(2)
// Synchronous: what was printed before a kill must arrive.
const say = (line: string): void => void writeSync(1, `${line}\n`)

const ledger = remoteLedger(committedIn(readFileSync(ledgerFile, 'utf8').split('\n')), (transaction, ids) => {
  const line = `ledger ${transaction} ${ids.join(' ')}`
  appendFileSync(ledgerFile, `${line}\n`)
  say(line)
})
const opened = await openOutbox(dir)()
if (opened._tag === 'Left') throw new Error(`${opened.left.code}: ${opened.left.what}`)
const outbox = opened.right

for (let n = 0; n < Number(rounds); n++) {
  const records = Array.from({ length: 1 + (n % 4) }, (_, i) => ({
    bytes: canonicalBytes({ schema: 'bims.macro/1', run, n, i, pad: 'x'.repeat(n * 9) })
  }))
  const queued = await outbox.enqueue(records)()
  if (queued._tag === 'Left') say(`failed ${queued.left.code}`)
  else for (const { id } of queued.right) say(`queued ${id}`)
  if (n % 3 === 1) {
    const attached = await outbox.attach([{ owner: 'Org1MSP', salt: randomBytes(16), bytes: utf8(`${run} ${n}`) }])()
    if (attached._tag === 'Left') say(`failed ${attached.left.code}`)
    else for (const digest of attached.right) say(`queued ${digest}`)
  }
  if (n % 2 === 0) continue
  const delivery = await deliver({ outbox, ledger })()
  if (delivery._tag === 'Left') say(`failed ${delivery.left.code}`)
  else
    for (const { id, status, transaction } of delivery.right.records)
      if (status === 'committed') say(`committed ${id} ${transaction}`)
}
