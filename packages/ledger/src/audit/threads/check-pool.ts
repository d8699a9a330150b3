import { availableParallelism } from 'node:os'
import { checkBatch, openBatch, type BatchFinding, type BlockBatch } from '../batch.ts'
import { newKeyRing, type KeyRing } from '../key-ring.ts'
import type { BatchMemory } from './batch-memory.ts'
import type { BlockAnswer } from './block-worker.ts'
import { idlest, openSeat, queued, type Seat } from './seat.ts'
import { packSignatures, type SignatureParcel } from './signature-parcel.ts'
import type { SignatureAnswer } from './signature-worker.ts'

/** What came of a batch, and which thread took it apart (0: this one): each numbers identities for itself. */
export interface PoolFinding extends BatchFinding {
  readonly worker: number
}

/** Looks at batches of blocks, in threads and in this one. */
export interface CheckPool {
  /** How many batches may be at the threads. */
  readonly room: number
  /** Hands a batch to a thread; undefined where all have enough to do. */
  readonly hand: (batch: BlockBatch) => Promise<PoolFinding> | undefined
  /** Checks a batch in this thread. */
  readonly check: (batch: BlockBatch) => PoolFinding
  readonly close: () => Promise<void>
}

type Hand = CheckPool['hand']

/** Whole batches for threads, which take them apart and verify. */
const handBlocks =
  (seats: readonly Seat<BlockBatch, BlockAnswer>[], memory: BatchMemory): Hand =>
  batch => {
    const seat = idlest(seats)
    return seat?.ask(batch, [batch.bytes.buffer]).then(({ finding, bytes }) => {
      memory.give(bytes)
      return { worker: seat.number, ...finding }
    })
  }

/** Batches are taken apart here, and threads verify their signatures. */
const handSignatures = (
  seats: readonly Seat<SignatureParcel, SignatureAnswer>[],
  memory: BatchMemory,
  keys: KeyRing
): Hand => {
  const known = new Map(seats.map(seat => [seat, new Set<number>()] as const))
  return batch => {
    const seat = idlest(seats)
    if (seat === undefined) return undefined
    const { findings, signatures } = openBatch(batch, keys)
    const parcel = packSignatures(signatures, known.get(seat) ?? new Set(), memory)
    memory.give(batch.bytes)
    return seat.ask(parcel, [parcel.bytes.buffer, parcel.table.buffer]).then(({ verdicts, bytes }) => {
      memory.give(bytes)
      return { worker: 0, ...findings, verdicts }
    })
  }
}

/**
 * Up to so many threads, this one takes all blocks apart by itself: that is less than a third of the work, and its code has to be made
 * fast only once, not in each thread; beyond, one thread could no longer keep the others busy.
 */
const mostWithOneOpener = 4

/**
 * Checks batches in so many threads, as many as there are cores where nothing is said. This one is among them: whenever the others have
 * enough to do it is to check a batch itself.
 */
export const newCheckPool = (memory: BatchMemory, threads = availableParallelism()): CheckPool => {
  const keys = newKeyRing()
  const numbers = Array.from({ length: Math.max(0, threads - 1) }, (_, i) => i + 1)
  const open = <Job, Answer>(program: string): readonly Seat<Job, Answer>[] =>
    numbers.map(number => openSeat<Job, Answer>(program, number))
  const pool = <Job, Answer>(seats: readonly Seat<Job, Answer>[], hand: Hand): CheckPool => ({
    room: seats.length * queued,
    hand,
    check: batch => {
      const finding = checkBatch(batch, keys)
      memory.give(batch.bytes)
      return { worker: 0, ...finding }
    },
    close: async () => {
      await Promise.all(seats.map(seat => seat.close()))
    }
  })
  if (threads > mostWithOneOpener) {
    const seats = open<BlockBatch, BlockAnswer>('block-worker')
    return pool(seats, handBlocks(seats, memory))
  }
  const seats = open<SignatureParcel, SignatureAnswer>('signature-worker')
  return pool(seats, handSignatures(seats, memory, keys))
}
