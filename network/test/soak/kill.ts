import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { deliver, openOutbox, parseProfile } from '@bims/ledger'
import { networkDown, networkStatus, networkUp } from '../../src/index.ts'
import { newMacro, openAs, right } from '../ledger/open.ts'
import { recordsOfChain } from './chain-records.ts'

/** How long, and where. */
export interface KillRequest {
  /** Empty folder. */
  readonly dir: string
  /** Goes on while this says so; it is told the kills so far. */
  readonly goOn: (kills: number) => boolean
  readonly say: (line: string) => void
  /** Decides when and what is killed. */
  readonly seed: string
}

/** What it came to. */
export interface KillReport {
  readonly kills: { readonly ledger: number; readonly submitter: number }
  /** Records whose queueing was acknowledged, and that the ledger holds at the end. */
  readonly acknowledged: number
  readonly onLedger: number
  readonly wrong: readonly string[]
}

const random = (seed: string): (() => number) => {
  let n = 0
  return () => createHash('sha256').update(`${seed} ${n++}`).digest().readUInt32BE() / 2 ** 32
}

const gone = async (pid: number): Promise<void> => {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await delay(5)
  }
}

interface Submitter {
  readonly child: ChildProcess
  readonly kill: () => Promise<void>
}

interface Seen {
  readonly acknowledged: Set<string>
  /** Id → transaction in which it is said to stand. */
  readonly committed: Map<string, string>
  readonly wrong: string[]
}

const hear = (seen: Seen, line: string): void => {
  const [word, id = '', transaction = ''] = line.split(' ')
  if (word === 'queued') seen.acknowledged.add(id)
  else if (word === 'committed') seen.committed.set(id, transaction)
  else if (line !== '') seen.wrong.push(line)
}

const startSubmitter = (profile: string, outbox: string, run: string, seen: Seen): Submitter => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./submitter.ts', import.meta.url)), profile, outbox, run],
    { stdio: ['ignore', 'pipe', 'pipe'] }
  )
  const lines = createInterface({ input: child.stdout })
  lines.on('line', line => hear(seen, line))
  let killed = false
  let errors = ''
  child.stderr.on('data', (data: Buffer) => void (errors = `${errors}${data.toString()}`.slice(-2000)))
  const ended = new Promise<void>(resolve => void child.once('close', () => resolve()))
  child.once('exit', code => {
    if (!killed) seen.wrong.push(`the submitter ended by itself with ${code}: ${errors}`)
  })
  return {
    child,
    kill: async () => {
      killed = true
      child.kill('SIGKILL')
      await ended
    }
  }
}

const killLedger = async (dir: string): Promise<void> => {
  const { pid } = await networkStatus(dir)
  if (pid === undefined) throw new Error('the ledger does not run by itself')
  process.kill(pid, 'SIGKILL')
  await gone(pid)
}

const check = async (network: string, outboxDir: string, seen: Seen): Promise<number> => {
  const profileFile = join(network, 'profile.json')
  const profile = right(parseProfile(await readFile(profileFile)))
  const outbox = right(await openOutbox(outboxDir)())
  const ledger = await openAs(profileFile, 'org1/alice')
  try {
    const rest = right(await deliver({ outbox, ledger })())
    for (const { id, status, transaction = '' } of rest.records) {
      if (status === 'committed') seen.committed.set(id, transaction)
      else seen.wrong.push(`${id} stays ${status}`)
    }
    for (const { code, what } of rest.problems) seen.wrong.push(`${code}: ${what}`)
    const backlog = right(await outbox.backlog()())
    if (backlog.records > 0 || backlog.transactions > 0)
      seen.wrong.push(`the outbox is not empty: ${JSON.stringify(backlog)}`)
    const [end] = right(await ledger.submit([newMacro('end')])())
    const chain = await recordsOfChain(profileFile, profile, end?.block ?? 0)
    for (const id of seen.acknowledged) if (!chain.has(id)) seen.wrong.push(`${id} was acknowledged and is lost`)
    for (const [id, transactions] of chain)
      if (transactions.length !== 1) seen.wrong.push(`${id} stands ${transactions.length} times on the ledger`)
    for (const [id, transaction] of seen.committed)
      if (chain.get(id)?.[0] !== transaction) seen.wrong.push(`${id} was said to be in ${transaction} and is not`)
    for (const id of [...seen.acknowledged].filter((_, i) => i % 25 === 0)) {
      const read = await ledger.read(id)()
      if (read._tag === 'Left') seen.wrong.push(`${id} cannot be read: ${read.left.code}`)
    }
    return chain.size
  } finally {
    ledger.close()
  }
}

/** Kills ledger and submitter at random in the middle of a run of submissions, starts them again, and looks for what is lost or twice. */
export const killAtRandom = async ({ dir, goOn, say, seed }: KillRequest): Promise<KillReport> => {
  const network = join(dir, 'network')
  const outbox = join(dir, 'outbox')
  const next = random(seed)
  const seen: Seen = { acknowledged: new Set(), committed: new Map(), wrong: [] }
  const kills = { ledger: 0, submitter: 0 }
  const { profile } = await networkUp(network)
  let submitter = startSubmitter(profile, outbox, `${seed} 0`, seen)
  try {
    while (goOn(kills.ledger + kills.submitter) && seen.wrong.length === 0) {
      // Long enough that now and then it gets far, short enough that it is often hit while it starts.
      await delay(100 + next() ** 2 * 3000)
      if (next() < 0.5) {
        await killLedger(network)
        kills.ledger++
        await delay(next() < 0.5 ? 0 : next() * 1000)
        await networkUp(network)
      } else {
        await submitter.kill()
        kills.submitter++
        submitter = startSubmitter(profile, outbox, `${seed} ${kills.submitter}`, seen)
      }
      say(
        `${kills.ledger} kills of the ledger, ${kills.submitter} of the submitter; ${seen.acknowledged.size} records acknowledged, ${seen.committed.size} committed`
      )
    }
    await submitter.kill()
    const onLedger = await check(network, outbox, seen)
    return { kills, acknowledged: seen.acknowledged.size, onLedger, wrong: seen.wrong.slice(0, 20) }
  } finally {
    await submitter.kill()
    await networkDown(network).catch(() => undefined)
  }
}
