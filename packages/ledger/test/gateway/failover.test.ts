import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { newFailover, type Failover, type Watchable } from '../../src/gateway/failover.ts'

interface Peer extends Watchable {
  readonly place: number
  readonly opening: number
}

const quick = { every: 10, silence: 20, answer: 30 }

/** Peers that live or not, and how often each was opened and closed. */
const peersOf = (
  count: number,
  alive: Set<number>
): { readonly failover: Failover<Peer>; readonly opened: number[]; readonly closed: number[] } => {
  const opened: number[] = []
  const closed: number[] = []
  const failover = newFailover<Peer>(
    count,
    place => {
      const opening = opened.push(place)
      return {
        place,
        opening,
        endpoint: `peer${place}`,
        // A dead peer says nothing until the time is up.
        answers: within =>
          new Promise(resolve => {
            setTimeout(() => resolve(alive.has(place)), alive.has(place) ? 1 : within)
          }),
        close: () => void closed.push(place)
      }
    },
    quick
  )
  return { failover, opened, closed }
}

const gone = (): Error => Object.assign(new Error('14 UNAVAILABLE'), { code: 14 })

describe('failover', () => {
  it('asks the next peer at once where one refuses the connection, and stays there', async () => {
    const { failover, opened } = peersOf(3, new Set([1, 2]))
    const ask = () => failover.ask(({ place }) => (place === 0 ? Promise.reject(gone()) : Promise.resolve(place)))
    expect(await ask()).toEqual(E.right(1))
    expect(await ask()).toEqual(E.right(1))
    expect(opened).toEqual([0, 1])
  })

  it('finds out a peer that falls silent, for everyone who waits there', async () => {
    const alive = new Set([0, 1])
    const { failover, closed } = peersOf(2, alive)
    const question = ({ place }: Peer): Promise<number> =>
      place === 0 ? new Promise<number>(() => undefined) : Promise.resolve(place)
    const answers = Promise.all([failover.ask(question), failover.ask(question), failover.ask(question)])
    alive.delete(0)
    expect(await answers).toEqual([E.right(1), E.right(1), E.right(1)])
    expect(closed).toEqual([0])
  })

  it('waits for a peer that is slow but lives', async () => {
    const { failover, opened } = peersOf(2, new Set([0, 1]))
    const slow = () =>
      failover.ask(({ place }) => new Promise<number>(resolve => setTimeout(() => resolve(place), 300)))
    expect(await slow()).toEqual(E.right(0))
    expect(opened).toEqual([0])
  })

  it('tells a refusal as it came, without asking another', async () => {
    const { failover, opened } = peersOf(2, new Set([0, 1]))
    const refused = await failover.ask(() => Promise.reject(Object.assign(new Error('no'), { code: 7 })))
    expect(refused).toMatchObject({ left: { code: 'ledger-refused' } })
    expect(opened).toEqual([0])
  })

  it('gives up when all are away, and finds one that is back through a new link', async () => {
    const { failover, opened } = peersOf(2, new Set())
    let back = false
    const ask = () => failover.ask(({ opening }) => (back ? Promise.resolve(opening) : Promise.reject(gone())))
    expect(await ask()).toMatchObject({ left: { code: 'ledger-unreachable' } })
    back = true
    expect(await ask()).toEqual(E.right(3))
    expect(opened).toEqual([0, 1, 0])
  })
})
