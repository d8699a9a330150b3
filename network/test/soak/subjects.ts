import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleVictim, sourceVictim, type Victim } from '../../../tools/faults/victim.ts'
import { chainRun, checkChain } from './chain-check.ts'
import { checkNetwork } from './network-check.ts'
import { checkOutbox, queuedIn } from './outbox-check.ts'
import { committedIn } from './remote-ledger.ts'
import { checkRestricted } from './restricted-check.ts'

/** A program that writes durable files, and how it is known that nothing of them was lost. */
export interface Subject {
  readonly name: string
  readonly victim: Victim
  /** The arguments for one run. `dir` is under faults, `beside` is not; both exist. */
  readonly args: (dir: string, beside: string, run: string) => readonly string[]
  /** Puts what a program finds beside its folder, given all lines that were said so far. */
  readonly prepare: (beside: string, lines: readonly string[]) => Promise<void>
  /** Opens what a fault left, mends it as the program would, and says what is wrong; `lines` are all that were said. */
  readonly check: (dir: string, beside: string, lines: readonly string[]) => Promise<readonly string[]>
}

const programOf = (name: string): string => fileURLToPath(new URL(`./${name}.ts`, import.meta.url))

// Below folders that the program makes itself: their names must survive too.
const deep = (dir: string): string => join(dir, 'made', 'by itself')

/** The chain of the embedded ledger: blocks, index, lock. */
export const chainSubject = async (dir: string, blocks = 8): Promise<Subject> => ({
  name: 'chain',
  victim: await bundleVictim(programOf('chain-writer'), dir, ['classic-level']),
  args: (folder, _, run) => [deep(folder), run, String(blocks)],
  prepare: () => Promise.resolve(),
  check: (folder, _, lines) => checkChain(deep(folder), chainRun(lines))
})

const ledgerFile = (beside: string): string => join(beside, 'ledger')

/** An outbox that queues and delivers, to a ledger that no fault reaches. */
export const outboxSubject = async (dir: string, rounds = 6): Promise<Subject> => ({
  name: 'outbox',
  victim: await bundleVictim(programOf('outbox-writer'), dir, []),
  args: (folder, beside, run) => [deep(folder), run, String(rounds), ledgerFile(beside)],
  prepare: async (beside, lines) => {
    await mkdir(beside, { recursive: true })
    await writeFile(ledgerFile(beside), lines.filter(line => line.startsWith('ledger ')).join('\n') + '\n')
  },
  check: async (folder, beside, lines) => {
    // What the ledger holds is no matter of what was printed: a program may be killed between the two.
    const committed = committedIn((await readFile(ledgerFile(beside), 'utf8')).split('\n'))
    const before = committed.size
    const wrong = await checkOutbox(deep(folder), queuedIn(lines), committed)
    const added = [...committed].slice(before).map(([id, ids]) => `ledger ${id} ${ids.join(' ')}\n`)
    await appendFile(ledgerFile(beside), added.join(''))
    return wrong
  }
})

/** A whole embedded ledger, from its first start, with a client that submits. */
export const networkSubject = (transactions = 3): Subject => ({
  name: 'network',
  victim: sourceVictim(programOf('network-writer')),
  args: (folder, _, run) => [deep(folder), run, String(transactions)],
  prepare: () => Promise.resolve(),
  check: (folder, _, lines) => checkNetwork(deep(folder), lines)
})

/** A whole embedded ledger with a client that submits restricted records, and a steward who purges every third. */
export const restrictedSubject = (records = 5): Subject => ({
  name: 'restricted',
  victim: sourceVictim(programOf('restricted-writer')),
  args: (folder, _, run) => [deep(folder), run, String(records)],
  prepare: () => Promise.resolve(),
  check: (folder, _, lines) => checkRestricted(deep(folder), lines)
})
