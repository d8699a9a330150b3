import type { BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { gatewayError, isPeerAway } from './error.ts'
import type { Link } from './link.ts'

/** What is asked of a link: enough to know whether its peer lives. */
export type Watchable = Pick<Link, 'endpoint' | 'answers' | 'close'>

/** A link that is in use. */
export interface Held<L extends Watchable> {
  readonly link: L
  /** Rejects when the peer was found out to answer nothing any more. */
  readonly lost: Promise<never>
  /** Says that the peer has just answered. */
  readonly heard: () => void
  /** Ends the use; `away`: the peer does not answer, so that the next one is asked from now on. */
  readonly end: (away: boolean) => void
}

/** The peers of an organisation: one is asked, and where it does not answer, the next from then on. */
export interface Failover<L extends Watchable> {
  readonly hold: () => Held<L>
  /** Asks the peers one after another until one answers, be it by a refusal. */
  readonly ask: <A>(question: (link: L) => Promise<A>) => Promise<E.Either<BimsError, A>>
  readonly close: () => void
}

/** How soon a silent peer is found out, in milliseconds: together well under two seconds. */
export interface Watchfulness {
  /** How often it is looked at. */
  readonly every: number
  /** Silence after which the peer is asked for a sign. */
  readonly silence: number
  /** How long it has to give one. */
  readonly answer: number
}

/** Found out after 1.5 s at most. */
const defaultWatchfulness: Watchfulness = { every: 200, silence: 300, answer: 1_000 }

interface Watched<L extends Watchable> {
  readonly place: number
  readonly link: L
  readonly lost: Promise<never>
  readonly fail: (cause: unknown) => void
  uses: number
  heardAt: number
  left: boolean
  timer: NodeJS.Timeout | undefined
}

// In the form of what gRPC throws for a peer that is gone: code 14.
const silent = (endpoint: string): Error =>
  Object.assign(new Error(`the peer at ${endpoint} does not answer any more`), { code: 14 })

const watchedOf = <L extends Watchable>(place: number, link: L): Watched<L> => {
  let fail: (cause: unknown) => void = () => undefined
  const lost = new Promise<never>((_, reject) => {
    fail = reject
  })
  lost.catch(() => undefined)
  return { place, link, lost, fail, uses: 0, heardAt: performance.now(), left: false, timer: undefined }
}

/** Looks after a link while it is used: a peer that gives no sign in time is lost. */
const watch = <L extends Watchable>(watched: Watched<L>, { every, silence, answer }: Watchfulness): void => {
  let asking = false
  let expected = performance.now() + every
  const look = async (): Promise<void> => {
    const late = performance.now() - expected
    expected = performance.now() + every
    // Where this process itself stood still, the silence was its own.
    if (late > silence) watched.heardAt = performance.now()
    if (asking || watched.left || performance.now() - watched.heardAt < silence) return
    asking = true
    const asked = performance.now()
    const answers = await watched.link.answers(answer)
    asking = false
    const stoodStill = performance.now() - asked > answer + silence
    if (answers || stoodStill || watched.heardAt > asked) watched.heardAt = performance.now()
    else watched.fail(silent(watched.link.endpoint))
  }
  watched.timer = setInterval(() => void look(), every)
  watched.timer.unref()
}

const stopWatching = <L extends Watchable>(watched: Watched<L>): void => {
  clearInterval(watched.timer)
  watched.timer = undefined
}

/** The peers at several places, each opened when it is first needed. */
export const newFailover = <L extends Watchable>(
  peers: number,
  open: (place: number) => L,
  watchfulness: Watchfulness = defaultWatchfulness
): Failover<L> => {
  const links = new Map<number, Watched<L>>()
  let current = 0
  const leave = (watched: Watched<L>): void => {
    if (watched.left) return
    watched.left = true
    // A new link has no backoff behind it: it finds a peer that is back at once.
    if (links.get(watched.place) === watched) links.delete(watched.place)
    if (current === watched.place) current = (current + 1) % peers
    // Whoever else waits there for an answer asks elsewhere.
    watched.fail(silent(watched.link.endpoint))
  }
  const hold = (): Held<L> => {
    const watched = links.get(current) ?? watchedOf(current, open(current))
    links.set(watched.place, watched)
    if (watched.uses++ === 0) {
      watched.heardAt = performance.now()
      if (peers > 1) watch(watched, watchfulness)
    }
    let ended = false
    return {
      link: watched.link,
      lost: watched.lost,
      heard: () => {
        watched.heardAt = performance.now()
      },
      end: away => {
        if (ended) return
        ended = true
        if (away) leave(watched)
        if (--watched.uses > 0) return
        stopWatching(watched)
        if (watched.left) watched.link.close()
      }
    }
  }
  const once = async <A>(question: (link: L) => Promise<A>): Promise<A> => {
    const held = hold()
    try {
      const answer = await Promise.race([question(held.link), held.lost])
      held.heard()
      held.end(false)
      return answer
    } catch (cause) {
      held.end(isPeerAway(cause))
      throw cause
    }
  }
  return {
    hold,
    ask: async question => {
      for (let tried = 1; ; tried++) {
        try {
          return E.right(await once(question))
        } catch (cause) {
          if (!isPeerAway(cause) || tried >= peers) return E.left(gatewayError(cause))
        }
      }
    },
    close: () => {
      for (const watched of links.values()) {
        stopWatching(watched)
        watched.link.close()
      }
      links.clear()
    }
  }
}
