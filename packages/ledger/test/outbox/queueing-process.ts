/** Program that queues records until it is killed, and prints the id of each once it is acknowledged: `node … OUTBOX RUN`. */
import { writeSync } from 'node:fs'
import { openOutbox } from '../../src/outbox/outbox.ts'
import { expectRight, newRecord } from '../stub/records.ts'

const [dir = '', run = ''] = process.argv.slice(2)
const outbox = expectRight(await openOutbox(dir)())
for (let n = 0; ; n++) {
  const records = Array.from({ length: 1 + (n % 5) }, (_, i) =>
    newRecord(n * 10 + i, { run, pad: 'x'.repeat(n % 3000) })
  )
  for (const { id } of expectRight(await outbox.enqueue(records)())) writeSync(1, `${id}\n`)
}
