import type { BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Patience } from './patience.ts'
import { backoff, pause } from './pause.ts'

/** Who waits for what was committed to come to every peer. */
export interface Waiting {
  readonly patience: Pick<Patience, 'arrivals'>
  readonly signal?: AbortSignal
}

/** Attempts for what nobody here saw committed: the block of another process may be on its way, but the name may as well be wrong. */
const unseenArrivals = 6

/**
 * Asks again while a peer answers `ledger-not-found`: a submission is acknowledged by one peer, and the next question may go to another
 * that is some blocks behind. `seen`: it is known to be committed, so that the wait is worth its while.
 */
export const untilArrived =
  <A>(waiting: Waiting, seen: boolean, once: TaskEither<BimsError, A>): TaskEither<BimsError, A> =>
  async () => {
    const most = seen ? waiting.patience.arrivals : Math.min(unseenArrivals, waiting.patience.arrivals)
    for (let attempt = 0; ; attempt++) {
      const result = await once()
      const isBehind = E.isLeft(result) && result.left.code === 'ledger-not-found'
      if (!isBehind || attempt + 1 >= most || waiting.signal?.aborted === true) return result
      await pause(backoff(attempt, 50, 1_000), waiting.signal)
    }
  }

/** Ids that a client saw committed not long ago. */
export interface SeenCommits {
  readonly note: (ids: readonly string[]) => void
  readonly has: (id: string) => boolean
}

const remembered = 64

/** Remembers the ids of the last transactions; older ones have come to every peer that lives. */
export const newSeenCommits = (): SeenCommits => {
  const transactions: (readonly string[])[] = []
  return {
    note: ids => {
      transactions.push(ids)
      if (transactions.length > remembered) transactions.shift()
    },
    has: id => transactions.some(ids => ids.includes(id))
  }
}
