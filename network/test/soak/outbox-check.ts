import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { deliver, openOutbox, type Outbox } from '@bims/ledger'
import { right } from '../ledger/open.ts'
import { remoteLedger, type Committed } from './remote-ledger.ts'

// What may stand in each folder, however a program ended: whole files, files that were never finished, locks.
const allowed: Readonly<Record<string, RegExp>> = {
  entries: /^([0-9a-z]{9}-[0-9a-f]{16}-\d+\.entry|\.new-[0-9a-f]{16})$/,
  transactions: /^([0-9a-f]{64}\.transaction|\.new-[0-9a-f]{16})$/,
  attachments: /^([0-9a-f]{64}\.attachment|\.new-[0-9a-f]{16})$/,
  locks: /^(lock\.\d+|\.new-[0-9a-f]{16})$/,
  refused: /^$/,
  corrupt: /^$/
}

const strangers = async (dir: string): Promise<readonly string[]> => {
  const wrong: string[] = []
  for (const folder of await readdir(dir)) {
    const pattern = allowed[folder]
    if (pattern === undefined) wrong.push(`there is a ${folder} in the outbox`)
    else
      for (const name of await readdir(join(dir, folder)))
        if (!pattern.test(name)) wrong.push(`there is a ${folder}/${name} in the outbox`)
  }
  return wrong
}

const deliverAll = async (outbox: Outbox, committed: Committed, wrong: string[]): Promise<void> => {
  // An answer is lost now and then: a second and a third delivery settle what the first left open.
  for (let round = 0; round < 3; round++) {
    const { problems } = right(await deliver({ outbox, ledger: remoteLedger(committed) })())
    for (const { code, what } of problems) if (code !== 'ledger-timeout') wrong.push(`delivery: ${code}: ${what}`)
  }
  const backlog = right(await outbox.backlog()())
  if (
    backlog.records +
      backlog.entries +
      backlog.transactions +
      backlog.attachments +
      backlog.refused.length +
      backlog.corrupt.length >
    0
  )
    wrong.push(`the outbox is not empty: ${JSON.stringify(backlog)}`)
}

/**
 * Opens an outbox after a fault, delivers what is left, and says what is wrong: something acknowledged that the ledger
 * does not have, something in two transactions, files that may not be.
 */
export const checkOutbox = async (
  dir: string,
  acknowledged: readonly string[],
  committed: Committed
): Promise<readonly string[]> => {
  const wrong: string[] = []
  try {
    const outbox = right(await openOutbox(dir)())
    wrong.push(...(await strangers(dir)))
    await deliverAll(outbox, committed, wrong)
  } catch (error) {
    wrong.push(`the outbox does not open: ${error instanceof Error ? error.message : JSON.stringify(error)}`)
  }
  const times = new Map<string, number>()
  for (const ids of committed.values()) for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1)
  for (const id of acknowledged) if (!times.has(id)) wrong.push(`${id} was acknowledged and is lost`)
  for (const [id, count] of times) if (count > 1) wrong.push(`${id} stands in ${count} transactions`)
  return wrong
}

/** The records that an outbox-writer said were queued. */
export const queuedIn = (lines: readonly string[]): readonly string[] =>
  lines.filter(line => line.startsWith('queued ')).map(line => line.slice('queued '.length))
