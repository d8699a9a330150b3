import { isMark, roomOf, sizeOf, type BatchLimits, type Parcel } from './batch.ts'

interface OpenBatch<P extends Parcel> {
  readonly parcels: P[]
  readonly since: number
  records: number
  bytes: number
}

/**
 * Batches that fill as parcels come: one for each kind of transaction, since public records, restricted ones and marks do not travel
 * together. Closed ones stand in the order in which they are to be sent: all that came before a mark, then the mark.
 */
export class Filling<P extends Parcel> {
  readonly #room: BatchLimits
  readonly #wait: number
  readonly #open = new Map<string, OpenBatch<P>>()
  readonly #closed: P[][] = []

  /** `wait`: milliseconds that the oldest parcel of a batch waits for others. */
  constructor(limits: BatchLimits, wait: number) {
    this.#room = roomOf(limits)
    this.#wait = wait
  }

  #close(key: string): void {
    const batch = this.#open.get(key)
    if (batch === undefined) return
    if (batch.parcels.some(isMark)) for (const other of [...this.#open.keys()]) if (other !== key) this.#move(other)
    this.#move(key)
  }

  #move(key: string): void {
    const batch = this.#open.get(key)
    if (batch !== undefined) this.#closed.push(batch.parcels)
    this.#open.delete(key)
  }

  /** Adds a parcel that came now. */
  add(parcel: P, now: number): void {
    const key = `${String(isMark(parcel))} ${parcel.restricted ?? ''}`
    const [records, bytes] = [parcel.records.length, sizeOf(parcel)]
    const before = this.#open.get(key)
    const isOver =
      before !== undefined && (before.records + records > this.#room.records || before.bytes + bytes > this.#room.bytes)
    if (isOver) this.#close(key)
    const batch = this.#open.get(key) ?? { parcels: [], since: now, records: 0, bytes: 0 }
    this.#open.set(key, batch)
    batch.parcels.push(parcel)
    batch.records += records
    batch.bytes += bytes
    if (batch.records >= this.#room.records || batch.bytes >= this.#room.bytes) this.#close(key)
  }

  /** Milliseconds until the oldest open batch has waited long enough; undefined where none is open. */
  dueIn(now: number): number | undefined {
    const waits = [...this.#open.values()].map(({ since }) => since + this.#wait - now)
    return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits))
  }

  /** Closes the batches that have waited long enough; `all`: the others too. */
  closeDue(now: number, all = false): void {
    for (const [key, { since }] of [...this.#open]) if (all || since + this.#wait <= now) this.#close(key)
  }

  /** The batch that is to be sent next. */
  get next(): readonly P[] | undefined {
    return this.#closed[0]
  }

  /** Takes it away. */
  shift(): void {
    this.#closed.shift()
  }

  /** Nothing waits, closed or open. */
  get isEmpty(): boolean {
    return this.#closed.length === 0 && this.#open.size === 0
  }
}
