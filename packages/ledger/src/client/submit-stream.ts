import type { LedgerRecord } from '@bims/core'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { isMark } from './batch.ts'
import type { Sender } from './commit.ts'
import { dispatch, type DispatchHooks, type DispatchLimits } from './dispatch.ts'
import { Filling } from './filling.ts'
import { outcomeOf, type RecordOutcome, type RecordParcel } from './submit-now.ts'

/** What may accompany a stream of records. */
export interface SubmitStreamOptions {
  /** Which records go into the private collection of the caller's organisation: all, none, or those that are told. */
  readonly restricted?: boolean | ((record: LedgerRecord) => boolean)
  /** Milliseconds that a record waits at most for others to share its transaction, once there is room for one; 50 where it is not given. */
  readonly wait?: number
  /** Ends the stream; what was read so far gets its outcome. */
  readonly signal?: AbortSignal
}

/** Unnoticed by people, and longer than a stream of a hundred records a second pauses. */
const defaultWait = 50

type Happened =
  | { readonly kind: 'came'; readonly record: LedgerRecord }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'ended' | 'due' | 'sent' }

/** A source of records, of which the next is asked for ahead. */
interface Source {
  readonly iterator: AsyncIterator<LedgerRecord, unknown>
  coming: Promise<Happened> | undefined
  failure: { readonly error: unknown } | undefined
}

interface Stream {
  readonly sender: Sender
  readonly limits: DispatchLimits
  readonly source: Source
  readonly filling: Filling<RecordParcel>
  readonly parcelOf: (record: LedgerRecord) => RecordParcel
  readonly running: Set<Promise<Happened>>
  readonly outcomes: RecordOutcome[]
  readonly stopped: Promise<Happened>
}

const ask = async (iterator: AsyncIterator<LedgerRecord, unknown>): Promise<Happened> => {
  try {
    const result = await iterator.next()
    return result.done === true ? { kind: 'ended' } : { kind: 'came', record: result.value }
  } catch (error) {
    return { kind: 'failed', error }
  }
}

const hooksOf = (outcomes: RecordOutcome[]): DispatchHooks<RecordParcel> => ({
  keep: () => TE.right(undefined),
  drop: () => TE.right(undefined),
  committed: () => TE.right(undefined),
  split: parcel => TE.right([parcel]),
  onOutcome: outcome => void outcomes.push(outcomeOf(outcome))
})

const hasLane = ({ limits, running }: Stream): boolean => running.size < Math.max(1, limits.inFlight)

// Marks say something of records that must stand before: they wait for all that is on its way.
const mayStart = (stream: Stream, batch: readonly RecordParcel[]): boolean =>
  batch.some(isMark) ? stream.running.size === 0 : hasLane(stream)

/** Sends the batches that may go now; of those that are not full only where nothing else would be sent. */
const startBatches = (stream: Stream): void => {
  const { filling, limits, outcomes, running, sender, source } = stream
  for (;;) {
    const isIdle = filling.next === undefined && hasLane(stream)
    if (source.coming === undefined || isIdle) filling.closeDue(performance.now(), source.coming === undefined)
    const batch = filling.next
    if (batch === undefined || !mayStart(stream, batch)) return
    filling.shift()
    const sent: Promise<Happened> = dispatch(sender, hooksOf(outcomes), batch, limits).then(() => {
      running.delete(sent)
      return { kind: 'sent' }
    })
    running.add(sent)
  }
}

/** Waits for what happens first: a record comes, something was sent, a batch has waited long enough. */
const somethingHappens = async (stream: Stream): Promise<Happened> => {
  const { filling, running, source, stopped } = stream
  // One full batch in hand is enough: the source is read no faster than it is sent.
  const reads = source.coming !== undefined && filling.next === undefined
  const dueIn = reads && hasLane(stream) ? filling.dueIn(performance.now()) : undefined
  let timer: NodeJS.Timeout | undefined
  const waits: Promise<Happened>[] = [...running, ...(source.coming === undefined ? [] : [stopped])]
  if (reads && source.coming !== undefined) waits.push(source.coming)
  if (dueIn !== undefined)
    waits.push(
      new Promise(resolve => {
        timer = setTimeout(() => resolve({ kind: 'due' }), dueIn)
      })
    )
  try {
    return await Promise.race(waits)
  } finally {
    clearTimeout(timer)
  }
}

const take = ({ filling, parcelOf, source }: Stream, happened: Happened): void => {
  if (happened.kind === 'came') {
    filling.add(parcelOf(happened.record), performance.now())
    source.coming = ask(source.iterator)
  } else if (happened.kind === 'ended' || happened.kind === 'failed') {
    source.coming = undefined
    if (happened.kind === 'failed') source.failure = { error: happened.error }
  }
}

const stopping = (signal: AbortSignal | undefined): Promise<Happened> =>
  new Promise(resolve => {
    if (signal?.aborted === true) resolve({ kind: 'ended' })
    else signal?.addEventListener('abort', () => resolve({ kind: 'ended' }), { once: true })
  })

const open = (
  sender: Sender,
  limits: DispatchLimits,
  owner: string,
  records: AsyncIterable<LedgerRecord>,
  { restricted = false, signal, wait = defaultWait }: SubmitStreamOptions
): Stream => {
  let at = 0
  const iterator = records[Symbol.asyncIterator]()
  return {
    sender: { ...sender, ...(signal !== undefined && { signal }) },
    limits,
    source: { iterator, coming: ask(iterator), failure: undefined },
    filling: new Filling(limits.batch, wait),
    parcelOf: record => {
      const isHidden = typeof restricted === 'function' ? restricted(record) : restricted
      return { at: at++, record, records: [record], ...(isHidden && { restricted: owner }) }
    },
    running: new Set(),
    outcomes: [],
    stopped: stopping(signal)
  }
}

/** Submits records as they come, as `Ledger.submitStream` says. */
export async function* submitStream(
  sender: Sender,
  limits: DispatchLimits,
  owner: string,
  records: AsyncIterable<LedgerRecord>,
  options: SubmitStreamOptions
): AsyncGenerator<RecordOutcome, void> {
  const stream = open(sender, limits, owner, records, options)
  const { filling, outcomes, running, source } = stream
  try {
    for (;;) {
      // Also those that become known while whoever asks is busy.
      for (let known = outcomes.shift(); known !== undefined; known = outcomes.shift()) yield known
      startBatches(stream)
      if (source.coming === undefined && filling.isEmpty && running.size === 0) break
      take(stream, await somethingHappens(stream))
    }
  } finally {
    // Not waited for: a source that waits for its next record ends only then.
    void source.iterator.return?.().catch(() => undefined)
    await Promise.all(running)
  }
  if (source.failure !== undefined) throw source.failure.error
}
