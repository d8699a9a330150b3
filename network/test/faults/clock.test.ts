import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { deliver, openOutbox, parseProfile, readIdentity } from '@bims/ledger'
import type { Ledger } from '@bims/ledger'
import { networkDown, networkStatus, networkUp, openAuthority, readIdentityText } from '../../src/index.ts'
import { identityText } from '../../src/ca/identity-file.ts'
import { newWrongClock, type WrongClock } from '../../../tools/faults/wrong-clock.ts'
import { left, newMacro, openAs, recordOf, right } from '../ledger/open.ts'
import { recordsOfChain } from '../soak/chain-records.ts'
import { trialFolder } from '../soak/kill-points.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const hour = 3_600_000

/** Starts a ledger whose clock can be set. */
const upWith = async (clock: WrongClock, dir: string): Promise<string> => {
  const kept = { ...process.env }
  Object.assign(process.env, clock.environment)
  try {
    return (await networkUp(dir)).profile
  } finally {
    process.env = kept
  }
}

describe('a ledger whose clock is wrong', () => {
  let dir: string
  let clock: WrongClock
  let profileFile: string
  const open: Ledger[] = []

  beforeAll(async () => {
    dir = await trialFolder('clock')
    clock = newWrongClock(join(dir, 'clock'))
    profileFile = await upWith(clock, join(dir, 'network'))
  })
  afterEach(async () => {
    vi.useRealTimers()
    for (const ledger of open.splice(0)) ledger.close()
    await setTo(0)
  })
  afterAll(async () => {
    await networkDown(join(dir, 'network'))
    await rm(dir, { recursive: true })
  })

  const as = async (name: string, more: Parameters<typeof openAs>[2] = {}): Promise<Ledger> => {
    const ledger = await openAs(profileFile, name, more)
    open.push(ledger)
    return ledger
  }
  // Longer than the ledger goes on with the clock that it read.
  const setTo = async (milliseconds: number): Promise<void> => {
    clock.set(milliseconds)
    await delay(40)
  }
  const committed = async (ledger: Ledger, ...words: readonly (string | number)[]): Promise<number> => {
    const [outcome] = right(await ledger.submit([newMacro(...words)])())
    expect(outcome).toMatchObject({ status: 'committed' })
    return outcome?.block ?? -1
  }

  const find = async (ledger: Ledger): Promise<readonly string[]> => {
    const found: string[] = []
    for await (const finding of ledger.find({ kind: 'macro', owner: 'Org1MSP' })) found.push(right(finding).id)
    return found
  }
  const firstOf = async <A>(items: AsyncIterable<A>): Promise<A | undefined> => {
    for await (const item of items) return item
    return undefined
  }

  it.each([
    ['hours ahead', 5 * hour],
    ['hours behind', -5 * hour]
  ])('%s takes records and finds them; the time of a record is what its submitter said', async (name, ahead) => {
    await setTo(ahead)
    const alice = await as('org1/alice')
    const record = recordOf({ schema: 'bims.macro/1', words: [name] })
    const before = Date.now()
    expect(right(await alice.submit([record])())).toMatchObject([{ status: 'committed' }])
    const [submission] = right(await alice.read(record.id)()).submissions
    expect(Math.abs(Date.parse(submission?.time ?? '') - before)).toBeLessThan(hour)
    expect(await find(alice)).toContain(record.id)
    // As a peer of Fabric, it takes a request for blocks for a replay where the clocks differ by more than 15 minutes.
    expect(await firstOf(alice.blocks({ from: 0 }))).toMatchObject({ left: { code: 'ledger-refused' } })
  })

  it.each([
    ['ahead', 5 * hour],
    ['behind', -5 * hour]
  ])('stands where the client is hours %s: the false time is kept as the claim that it is', async (name, ahead) => {
    const alice = await as('org1/alice')
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.now() + ahead)
    const claimed = Date.now()
    const record = recordOf({ schema: 'bims.macro/1', words: ['client', name] })
    expect(right(await alice.submit([record])())).toMatchObject([{ status: 'committed' }])
    const [submission] = right(await alice.read(record.id)()).submissions
    expect(Math.abs(Date.parse(submission?.time ?? '') - claimed)).toBeLessThan(hour)
    expect(await find(alice)).toContain(record.id)
    expect(await firstOf(alice.blocks({ from: 0 }))).toMatchObject({ left: { code: 'ledger-refused' } })
  })

  it('refuses whose certificate is over by its clock, and says so; before its beginning it takes it, as Fabric does', async () => {
    const text = await readFile(join(dirname(profileFile), 'organizations', 'org1', 'ca.pem'), 'utf8')
    const ca = await openAuthority(readIdentityText(text))
    const credential = await ca.issue({
      name: 'alice',
      role: 'client',
      attributes: { 'bims.role': 'scientist' },
      notAfter: new Date(Date.now() + 2 * hour)
    })
    const identity = right(readIdentity(Buffer.from(identityText(credential))))
    const alice = await as('org1/alice', { identity })
    await committed(alice, 'in time')
    await setTo(3 * hour)
    const [late] = right(await alice.submit([newMacro('too late')])())
    expect(late).toMatchObject({ error: { code: 'ledger-refused', what: expect.stringContaining('expired') } })
    expect(left(await alice.read(newMacro('in time').id)())).toMatchObject({ code: 'ledger-refused' })
    await setTo(-3 * hour)
    await committed(alice, 'before it begins')
    await setTo(0)
    await committed(alice, 'in time again')
  })

  it('made with a clock ahead is told to be so, and can be stopped', async () => {
    const own = newWrongClock(join(dir, 'own'))
    own.set(5 * hour)
    const late = join(dir, 'late')
    const alice = await openAs(await upWith(own, late), 'org1/alice', { patience: { proposals: 1, endorsements: 1 } })
    open.push(alice)
    expect(left(await alice.read(newMacro('x').id)())).toMatchObject({
      code: 'ledger-unreachable',
      what: expect.stringContaining('certificate is not yet valid'),
      advice: expect.stringContaining('clock')
    })
    expect(await networkStatus(late)).toMatchObject({ running: true })
    await networkDown(late)
    expect(await networkStatus(late)).toMatchObject({ running: false })
  })

  it('that jumps ahead and back, and a client whose does, lose nothing, and nothing stands twice', async () => {
    const alice = await as('org1/alice')
    const outbox = right(await openOutbox(join(dir, 'outbox'))())
    const first = await committed(alice, 'before the jumps')
    const abort = new AbortController()
    const numbers: number[] = []
    const reading = (async () => {
      for await (const block of alice.blocks({ from: first, signal: abort.signal })) numbers.push(right(block).number)
    })()
    const acknowledged = new Set<string>()
    const restricted: string[] = []
    const jumps = [3, -6, 26, -26, 0, 48, -1, 24 * 400, 0]
    vi.useFakeTimers({ toFake: ['Date'] })
    const truth = performance.timeOrigin
    for (const [n, hours] of jumps.entries()) {
      const records = Array.from({ length: 20 }, (_, i) => newMacro('jump', n, i))
      for (const { id } of right(await outbox.enqueue(records)())) acknowledged.add(id)
      const delivering = deliver({ outbox, ledger: alice })()
      const secret = recordOf({ schema: 'bims.macro/1', words: [n], salt: randomBytes(16).toString('base64') })
      const keeping = alice.submit([secret], { restricted: true })()
      // In the middle of both; the client's clock goes another way, not past the deadlines of what is under way.
      clock.set(hours * hour)
      if (n % 2 === 1) vi.setSystemTime(truth + performance.now() - hours * hour)
      right(await delivering)
      const [kept] = right(await keeping)
      if (kept?.status === 'committed') restricted.push(secret.id)
    }
    vi.useRealTimers()
    await setTo(0)
    right(await deliver({ outbox, ledger: alice })())
    expect(right(await outbox.backlog()())).toMatchObject({ records: 0, transactions: 0, refused: [], corrupt: [] })
    const last = await committed(alice, 'after the jumps')
    await vi.waitFor(() => expect(numbers.at(-1)).toBe(last), { timeout: 60_000 })
    abort.abort()
    await reading
    expect(numbers).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i))
    const chain = await recordsOfChain(profileFile, right(parseProfile(await readFile(profileFile))), last)
    expect([...acknowledged].filter(id => chain.get(id)?.length !== 1)).toEqual([])
    expect(acknowledged.size).toBe(20 * jumps.length)
    expect(restricted.length).toBeGreaterThan(jumps.length / 2)
    for (const id of restricted) right(await alice.read(id, { restricted: true })())
  })
})
