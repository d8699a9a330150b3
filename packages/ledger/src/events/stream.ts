import type { BimsError } from '@bims/core'
import type { CloseableAsyncIterable } from '@hyperledger/fabric-gateway'
import * as E from 'fp-ts/lib/Either.js'
import { backoff, pause } from '../client/pause.ts'
import type { Connection } from '../gateway/connection.ts'
import { codeOfThrown, gatewayError } from '../gateway/error.ts'
import type { Held } from '../gateway/failover.ts'
import type { Link } from '../gateway/link.ts'
import { newCheckpoint, type Checkpoint, type Position } from './checkpoint.ts'

/** Where a stream begins, and how it ends. */
export interface StreamOptions {
  /** First block; the newest one where neither this nor a checkpoint says otherwise. */
  readonly from?: number
  /** Where the position is kept; it goes before `from`. An item counts as dealt with when the next one is asked for. */
  readonly checkpoint?: Checkpoint
  /** Ends the stream. */
  readonly signal?: AbortSignal
}

/** Kinds of streams: how one is opened at a peer, and where an item stands. */
export interface StreamSource<Wire, Item> {
  readonly open: (link: Link, position: Position | undefined) => Promise<CloseableAsyncIterable<Wire>>
  readonly read: (wire: Wire) => Item
  /** Position behind an item. */
  readonly behind: (item: Item) => Position
}

// gRPC codes that only say that the stream broke: cancelled, unknown, deadline, exhausted, aborted, internal, unavailable.
const broken = new Set<number | undefined>([1, 4, 8, 10, 13, 14])

const isBroken = (cause: unknown): boolean => {
  const code = codeOfThrown(cause)
  // A peer that shuts down may also end the stream cleanly, or with words that carry no code of the kind.
  return broken.has(code) || (code === 2 && /stream|shut|transport|connection/i.test(gatewayError(cause).what))
}

const isEnded = (signal: AbortSignal | undefined): boolean => signal?.aborted === true

/** One opening of a stream at one peer: its items until it breaks. Throws as fabric-gateway does. */
async function* itemsAt<Wire>(
  held: Held<Link>,
  open: (link: Link) => Promise<CloseableAsyncIterable<Wire>>,
  signal: AbortSignal | undefined
): AsyncGenerator<Wire, void> {
  const wires = await Promise.race([open(held.link), held.lost])
  const close = (): void => wires.close()
  let ending: Promise<unknown> = Promise.resolve()
  held.lost.catch(() => {
    ending = held.lost
    close()
  })
  signal?.addEventListener('abort', close, { once: true })
  if (isEnded(signal)) close()
  try {
    for await (const wire of wires) {
      held.heard()
      yield wire
    }
    await ending
  } finally {
    signal?.removeEventListener('abort', close)
    close()
  }
}

const startOf = (checkpoint: Checkpoint, from: number | undefined): Position | undefined =>
  checkpoint.position() ?? (from === undefined ? undefined : { block: from })

/**
 * The items of a stream, whatever happens to the peer: after a break it is opened again, at the next peer where there is one, behind
 * the last item, so that none is lost and none comes twice. Ends with one error where the ledger refuses, or the checkpoint fails.
 */
export async function* resumedStream<Wire, Item>(
  connection: Pick<Connection, 'hold'>,
  source: StreamSource<Wire, Item>,
  { from, checkpoint = newCheckpoint(), signal }: StreamOptions
): AsyncGenerator<E.Either<BimsError, Item>, void> {
  let position = startOf(checkpoint, from)
  for (let attempt = 0; !isEnded(signal); attempt++) {
    const held = connection.hold()
    let away = true
    try {
      for await (const wire of itemsAt(held, link => source.open(link, position), signal)) {
        attempt = 0
        const item = source.read(wire)
        yield E.right(item)
        position = source.behind(item)
        const kept = await checkpoint.advance(position)()
        if (E.isLeft(kept)) {
          yield kept
          return
        }
      }
    } catch (cause) {
      if (isEnded(signal)) return
      away = isBroken(cause)
      if (!away) {
        yield E.left(gatewayError(cause))
        return
      }
    } finally {
      held.end(away && !isEnded(signal))
    }
    await pause(backoff(attempt, 50, 2_000), signal)
  }
}
