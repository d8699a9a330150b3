import { rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { canonicalBytes } from '@bims/core'
import { deliver, openOutbox, type Outbox } from '@bims/ledger'
import type { Soak } from '../../../tools/soak/soak.ts'
import { right } from '../ledger/open.ts'
import { trialFolder } from './kill-points.ts'
import { remoteLedger, type Committed } from './remote-ledger.ts'

const total = 100_000
const atOnce = 10

const recordsOf = (from: number): readonly { readonly bytes: Uint8Array }[] =>
  Array.from({ length: atOnce }, (_, i) => ({
    bytes: canonicalBytes({ schema: 'bims.macro/1', n: from + i, pad: 'x'.repeat(1900) })
  }))

const enqueueTimed = async (outbox: Outbox, from: number): Promise<number> => {
  const start = performance.now()
  right(await outbox.enqueue(recordsOf(from))())
  return performance.now() - start
}

const quantile = (values: readonly number[], part: number): string =>
  (values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0).toFixed(1)

const spread = (values: readonly number[]): string =>
  `median ${quantile(values, 0.5)} ms, 99 % ${quantile(values, 0.99)} ms, longest ${quantile(values, 1)} ms`

const megabytes = (): number => Math.round(process.memoryUsage().rss / 1e6)

const timed = async <A>(say: (line: string) => void, what: string, act: () => Promise<A>): Promise<A> => {
  let most = megabytes()
  const watch = setInterval(() => (most = Math.max(most, megabytes())), 50)
  const before = megabytes()
  const start = performance.now()
  try {
    return await act()
  } finally {
    clearInterval(watch)
    say(
      `${what}: ${((performance.now() - start) / 1000).toFixed(1)} s, ${before} MB resident before, ${most} MB at most`
    )
  }
}

/** `pnpm soak outbox-backlog`: as long as it takes. */
export const soak: Soak = {
  what: `a ledger that was away: ${total} records of 2 KB in ${total / atOnce} entries are queued, listed, counted and delivered, while the instrument goes on queueing`,
  run: async ({ say }) => {
    const dir = await trialFolder('backlog')
    const wrong: string[] = []
    const outbox = right(await openOutbox(dir)())
    const alone: number[] = []
    await timed(say, 'queueing', async () => {
      for (let n = 0; n < total; n += atOnce) alone.push(await enqueueTimed(outbox, n))
    })
    say(`enqueue of ${atOnce} records: ${spread(alone)}`)
    const backlog = right(await timed(say, 'backlog', () => outbox.backlog()()))
    if (backlog.records !== total) wrong.push(`the backlog is ${backlog.records} records of ${total}`)
    const listed = right(await timed(say, 'list', () => outbox.list()()))
    if (listed.length !== total) wrong.push(`${listed.length} records are listed of ${total}`)

    const committed: Committed = new Map()
    const remote = remoteLedger(committed)
    const ledger = { ...remote, limits: { batch: { records: 500, bytes: 2 * 1024 * 1024 }, inFlight: 4 } }
    const beside: number[] = []
    let isOver = false
    const instrument = async (): Promise<void> => {
      for (let n = total; !isOver; n += atOnce) {
        beside.push(await enqueueTimed(outbox, n))
        await delay(20)
      }
    }
    const working = instrument()
    const delivery = right(await timed(say, 'deliver', () => deliver({ outbox, ledger })()))
    isOver = true
    await working
    say(`enqueue of ${atOnce} records beside the delivery: ${spread(beside)}, ${beside.length} times`)
    // The stub loses every third answer once: what was left open is settled by the deliveries that follow.
    const problems = delivery.problems.filter(({ code }) => code !== 'ledger-timeout')
    for (let round = 0; round < 3; round++)
      problems.push(
        ...right(await deliver({ outbox, ledger })()).problems.filter(({ code }) => code !== 'ledger-timeout')
      )
    wrong.push(...problems.map(({ code, what }) => `${code}: ${what}`))
    const sent = new Set([...committed.values()].flat())
    for (const { id } of listed) if (!sent.has(id)) wrong.push(`${id} was not delivered`)
    await rm(dir, { recursive: true })
    return wrong.slice(0, 10)
  }
}
