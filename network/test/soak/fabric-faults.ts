import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deliver, openOutbox, parseProfile } from '@bims/ledger'
import { fabricStatus, fabricUp } from '../../src/index.ts'
import type { Consensus, FabricProcess } from '../../src/index.ts'
import { readPlan } from '../../src/fabric/plan-codec.ts'
import { layoutOf } from '../../src/fabric/layout.ts'
import { openAs, right } from '../ledger/open.ts'
import { recordsOfChain } from './chain-records.ts'

/** What it came to. */
export interface FaultReport {
  readonly faults: number
  readonly acknowledged: number
  readonly onLedger: number
  /** Longest pause between two commits after a fault, in milliseconds, by what was done. */
  readonly gaps: ReadonlyMap<string, readonly number[]>
  readonly wrong: readonly string[]
}

interface Seen {
  readonly acknowledged: Set<string>
  readonly committed: Map<string, string>
  readonly wrong: string[]
  /** Times of commits. */
  readonly times: number[]
}

const hear = (seen: Seen, line: string): void => {
  const [word, id = '', transaction = ''] = line.split(' ')
  if (word === 'queued') seen.acknowledged.add(id)
  else if (word === 'committed') {
    seen.committed.set(id, transaction)
    seen.times.push(Date.now())
  } else if (line !== '') seen.wrong.push(line)
}

const submitting = (profile: string, outbox: string, seen: Seen): ChildProcess => {
  const program = fileURLToPath(new URL('./submitter.ts', import.meta.url))
  const child = spawn(process.execPath, [program, profile, outbox, 'faults'], { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', line => hear(seen, line))
  return child
}

/** The Raft leader, by what the orderers say in their metrics; with BFT, which tells the leader's number, that one. */
const leader = async (dir: string, orderers: readonly FabricProcess[]): Promise<FabricProcess> => {
  const plan = (await readPlan(layoutOf(dir).plan))!
  for (;;) {
    for (const [i, { name, operationsPort }] of plan.orderers.entries()) {
      const answer = await fetch(`http://127.0.0.1:${operationsPort}/metrics`).catch(() => undefined)
      const text = (await answer?.text()) ?? ''
      const leads =
        /^consensus_etcdraft_is_leader\{.*\} 1$/m.test(text) ||
        /^consensus_BFT_leader_id\{.*\} (\d+)$/m.exec(text)?.[1] === String(i + 1)
      if (leads) return orderers.find(orderer => orderer.name === name)!
    }
    await delay(200)
  }
}

const longestPause = (times: readonly number[], from: number): number => {
  const after = [from, ...times.filter(time => time > from)]
  return Math.max(0, ...after.slice(1).map((time, i) => time - after[i]!))
}

const commitsAgain = async (seen: Seen, since: number): Promise<void> => {
  // A commit that was on its way may still come in: ten of them say that it goes on.
  while (seen.times.filter(time => time > since + 500).length < 10) await delay(100)
}

/** Faults on a real network under load: what is killed comes back only after commits have gone on, where they can. */
export const faultsOnFabric = async (request: {
  readonly dir: string
  readonly consensus: Consensus
  readonly goOn: (rounds: number) => boolean
  readonly say: (line: string) => void
}): Promise<FaultReport> => {
  const { dir, consensus, say } = request
  const network = join(dir, 'network')
  const status = await fabricUp(network, { consensus })
  const seen: Seen = { acknowledged: new Set(), committed: new Map(), wrong: [], times: [] }
  const outbox = join(dir, 'outbox')
  const child = submitting(status.profile, outbox, seen)
  const gaps = new Map<string, number[]>()
  let faults = 0
  const kill = async (what: string, { name }: FabricProcess, goesOnWithout: boolean): Promise<void> => {
    const { processes } = await fabricStatus(network)
    const pid = processes.find(process => process.name === name)?.pid
    if (pid === undefined) throw new Error(`${name} does not run`)
    faults++
    const at = Date.now()
    process.kill(pid, 'SIGKILL')
    if (goesOnWithout) await commitsAgain(seen, at)
    else await delay(3000)
    await fabricUp(network)
    await commitsAgain(seen, Date.now())
    const gap = longestPause(seen.times, at)
    gaps.set(what, [...(gaps.get(what) ?? []), gap])
    say(`${what} (${name}): longest pause ${(gap / 1000).toFixed(1)} s, ${seen.committed.size} records committed`)
  }
  try {
    await commitsAgain(seen, Date.now())
    for (let round = 0; request.goOn(round); round++) {
      const orderers = status.processes.filter(({ kind }) => kind === 'orderer')
      await kill('leader of the orderers', await leader(network, orderers), true)
      for (const peer of status.processes.filter(({ kind }) => kind === 'peer')) {
        const gateway = peer.organization === 'org1'
        await kill(gateway ? 'one of two gateway peers' : 'another peer', peer, true)
      }
      for (const chaincode of status.processes.filter(({ kind }) => kind === 'chaincode'))
        await kill('chaincode', chaincode, chaincode.organization !== 'org1')
    }
  } finally {
    child.kill('SIGKILL')
  }
  // What is still queued must arrive, from another process.
  const ledger = await openAs(status.profile, 'org1/alice')
  const rest = right(await openOutbox(outbox)())
  let left = Infinity
  for (let tries = 0; left > 0 && tries < 20; tries++) {
    right(await deliver({ outbox: rest, ledger })())
    left = right(await rest.backlog()()).records
  }
  ledger.close()
  if (left > 0) seen.wrong.push(`${left} records stay queued`)
  const profile = right(parseProfile(await readFile(status.profile)))
  return { faults, gaps, ...(await judge(status.profile, profile, seen)) }
}

const judge = async (
  profileFile: string,
  profile: Parameters<typeof recordsOfChain>[1],
  { acknowledged, committed, wrong }: Seen
): Promise<Pick<FaultReport, 'acknowledged' | 'onLedger' | 'wrong'>> => {
  const { connectAs } = await import('../client.ts')
  const client = connectAs({ profile, profileFile }, 'org1/alice')
  const info = await client.gateway
    .getNetwork(profile.channel)
    .getContract('qscc')
    .evaluateTransaction('GetChainInfo', profile.channel)
  client.close()
  const { common } = await import('@hyperledger/fabric-protos')
  const height = common.BlockchainInfo.deserializeBinary(info).getHeight()
  const found = await recordsOfChain(profileFile, profile, height - 1)
  const problems = [...wrong]
  for (const id of acknowledged) if (!found.has(id)) problems.push(`lost: ${id}`)
  for (const [id, transactions] of found)
    if (transactions.length > 1) problems.push(`twice: ${id} in ${transactions.join(', ')}`)
  for (const [id, transaction] of committed)
    if (!(found.get(id) ?? []).includes(transaction)) problems.push(`said to stand in ${transaction}: ${id}`)
  return { acknowledged: acknowledged.size, onLedger: found.size, wrong: problems }
}
