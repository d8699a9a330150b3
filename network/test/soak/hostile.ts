import type { Client } from '@grpc/grpc-js'
import type { Profile } from '@bims/ledger'
import { connectAs, text, type TestClient } from '../client.ts'
import { changedBytes, changedTree, type Random } from './mutation.ts'
import { residentMegabytes } from './resident.ts'
import { baseRequests, signAs, type BaseRequest } from './requests.ts'

/** How many hostile requests, and against what. */
export interface HostileRequest {
  readonly network: { readonly profile: Profile; readonly profileFile: string; readonly pid?: number }
  readonly count: number
  readonly next: Random
  readonly say: (line: string) => void
}

/** What it came to. */
export interface HostileReport {
  /** Method → status code → how often. */
  readonly outcomes: ReadonlyMap<string, ReadonlyMap<number, number>>
  /** Resident megabytes of the ledger, at the start of every quarter and at the end; empty where the system does not tell. */
  readonly megabytes: readonly number[]
  readonly wrong: readonly string[]
}

/** What became of one request. */
interface Outcome {
  readonly code: number
  readonly message: string
}

const raw = (bytes: Buffer): Buffer => bytes
// A request that is still good may wait for what never comes.
const patienceMs = 400

const once = (client: Client, path: string, bytes: Buffer): Promise<Outcome> =>
  new Promise(resolve => {
    const call = client.makeUnaryRequest(path, raw, raw, bytes, { deadline: Date.now() + 300_000 }, error =>
      resolve({ code: error?.code ?? 0, message: error?.message ?? '' })
    )
    if (/CommitStatus|ChaincodeEvents/.test(path)) setTimeout(() => call.cancel(), patienceMs)
  })

const streamed = (client: Client, path: string, bytes: Buffer): Promise<Outcome> =>
  new Promise(resolve => {
    const call = client.makeBidiStreamRequest(path, raw, raw, { deadline: Date.now() + 300_000 })
    // A message with field 1 is a status; a refusal has 4xx, and ends the stream.
    call.on('data', (message: Buffer) => {
      if (message[0] === 0x08) resolve({ code: message[1] === 0xc8 ? 0 : 3, message: 'status' })
    })
    call.on('error', (error: Error & { code?: number }) => resolve({ code: error.code ?? 2, message: error.message }))
    call.on('end', () => resolve({ code: 0, message: '' }))
    call.write(bytes)
    setTimeout(() => call.cancel(), patienceMs)
  })

// OK, CANCELLED (by us, of what waits) and the codes that tell the client what is wrong. Not among them: DEADLINE_EXCEEDED
// and DATA_LOSS.
const answers = new Set([0, 1, 2, 3, 5, 7, 8, 9, 10, 12, 13, 14])
const unforeseen = /failed to answer|ECONN|Connection dropped|No connection|write after end|TypeError|undefined/

const problemOf = (path: string, { code, message }: Outcome, request: Buffer): string | undefined => {
  if (answers.has(code) && !unforeseen.test(message)) return undefined
  return `${path} answered ${code} ${message} to ${request.toString('base64').slice(0, 4000)}`
}

const honest = async (client: TestClient, channel: string, n: number): Promise<string | undefined> => {
  const contract = client.gateway.getNetwork(channel).getContract('probe')
  try {
    await contract.submitTransaction('put', 'honest', String(n))
    const value = text(await contract.evaluateTransaction('get', 'honest'))
    return value === String(n) ? undefined : `the honest client reads ${value} in place of ${n}`
  } catch (error) {
    return `the honest client is not served: ${String(error)}`
  }
}

interface Attack {
  readonly alice: TestClient
  readonly bases: readonly BaseRequest[]
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>
  readonly outcomes: Map<string, Map<number, number>>
  readonly wrong: string[]
}

const hostileBytes = async ({ sign }: Attack, base: BaseRequest, next: Random): Promise<Buffer> => {
  const good = base.wrap(base.signed, await sign(base.signed))
  const kind = next()
  if (kind < 0.25) return changedBytes(next, good)
  if (kind < 0.45) return changedTree(next, good)
  // Signed as it should be, over what it should not be.
  const signed = kind < 0.6 ? changedBytes(next, base.signed) : changedTree(next, base.signed)
  return base.wrap(signed, await sign(signed))
}

const attackOnce = async (attack: Attack, next: Random): Promise<void> => {
  const { alice, bases, outcomes, wrong } = attack
  const base = bases[Math.floor(next() * bases.length)]
  if (base === undefined) return
  const bytes = await hostileBytes(attack, base, next)
  const outcome = await (base.stream ? streamed : once)(alice.client, base.path, bytes)
  const counts = outcomes.get(base.path) ?? new Map<number, number>()
  outcomes.set(base.path, counts.set(outcome.code, (counts.get(outcome.code) ?? 0) + 1))
  const problem = problemOf(base.path, outcome, bytes)
  if (problem !== undefined) wrong.push(problem)
}

const waveSize = 100

/** Sends requests that are changed in every way, a hundred side by side; after each wave an honest client must be served. */
export const sendHostile = async ({ network, count, next, say }: HostileRequest): Promise<HostileReport> => {
  const { channel } = network.profile
  const [alice, bob] = [connectAs(network, 'org1/alice'), connectAs(network, 'org2/bob')]
  const bases = await baseRequests(alice, channel)
  const attack: Attack = { alice, bases, sign: signAs(alice), outcomes: new Map(), wrong: [] }
  const megabytes: number[] = []
  const measure = async (): Promise<void> => {
    const now = await residentMegabytes(network.pid)
    if (now !== undefined) megabytes.push(now)
  }
  const waves = Math.ceil(count / waveSize)
  for (let wave = 0; wave < waves && attack.wrong.length === 0; wave++) {
    if (wave % Math.ceil(waves / 4) === 0) await measure()
    await Promise.all(Array.from({ length: waveSize }, () => attackOnce(attack, next)))
    const problem = await honest(bob, channel, wave)
    if (problem !== undefined) attack.wrong.push(`after ${(wave + 1) * waveSize} requests ${problem}`)
    if (wave % 20 === 19) say(`${(wave + 1) * waveSize} requests`)
  }
  await measure()
  alice.close()
  bob.close()
  return { outcomes: attack.outcomes, megabytes, wrong: attack.wrong.slice(0, 10) }
}
