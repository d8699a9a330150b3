/**
 * Program that queues records and delivers them, over and over, until it is killed: `node submitter.ts PROFILE OUTBOX RUN`.
 * It prints `queued ID` once a record is acknowledged, `committed ID TRANSACTION` once the ledger has it, `wrong TEXT`.
 */
import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { deliver, openOutbox } from '@bims/ledger'
import type { RecordDelivery } from '@bims/ledger'
import { newMacro, openAs, right } from '../ledger/open.ts'

const [profile = '', dir = '', run = ''] = process.argv.slice(2)
// Synchronous: what was printed before a kill must arrive.
const say = (line: string): void => void writeSync(1, `${line}\n`)

const outbox = right(await openOutbox(dir)())
const ledger = await openAs(profile, 'org1/alice', {
  batch: { records: 100 },
  inFlight: 2,
  deadlines: { status: 4000 }
})

const queue = async (): Promise<void> => {
  for (let n = 0; ; n++) {
    const records = Array.from({ length: 1 + (n % 9) }, (_, i) => newMacro(run, n, i, 'x'.repeat(500)))
    const queued = await outbox.enqueue(records)()
    if (queued._tag === 'Left') say(`wrong ${queued.left.code}: ${queued.left.what}`)
    else for (const { id } of queued.right) say(`queued ${id}`)
    await delay(10)
  }
}

const hear = ({ id, status, transaction, error }: RecordDelivery): void => {
  if (status === 'committed') say(`committed ${id} ${transaction}`)
  if (status === 'refused') say(`wrong ${id} is refused: ${error?.code} ${error?.what}`)
}

const send = async (): Promise<void> => {
  for (;;) {
    const delivery = await deliver({ outbox, ledger, onRecord: hear })()
    if (delivery._tag === 'Left') say(`wrong ${delivery.left.code}: ${delivery.left.what}`)
    else
      for (const { _tag, code, what } of delivery.right.problems)
        if (_tag !== 'Unavailable') say(`wrong ${code}: ${what}`)
    await delay(20)
  }
}

await Promise.all([queue(), send()])
