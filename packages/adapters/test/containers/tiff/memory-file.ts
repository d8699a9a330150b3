import { newError } from '@bims/core'
import type { EditableFile } from '@bims/core'
import { left, right } from 'fp-ts/lib/Either.js'

/** A file in memory that a test can stop at any write or sync. */
export interface MemoryFile extends EditableFile {
  /** What a reader sees. */
  readonly bytes: () => Uint8Array<ArrayBuffer>
  /**
   * What could be on the disk if the power failed now: everything synced, and of what was not, for each write since,
   * either all, nothing, or its first half.
   */
  readonly afterPowerLoss: () => readonly Uint8Array<ArrayBuffer>[]
  readonly steps: () => number
}

type Change = { readonly offset: number; readonly bytes: Uint8Array } | { readonly length: number }

const applied = (base: Uint8Array, changes: readonly Change[]): Uint8Array<ArrayBuffer> =>
  changes.reduce<Uint8Array<ArrayBuffer>>((bytes, change) => {
    const length = 'length' in change ? change.length : Math.max(bytes.length, change.offset + change.bytes.length)
    const next = new Uint8Array(length)
    next.set(bytes.subarray(0, length))
    if ('offset' in change) next.set(change.bytes, change.offset)
    return next
  }, new Uint8Array(base))

const halves = (change: Change): readonly (readonly Change[])[] =>
  'offset' in change
    ? [[], [change], [{ offset: change.offset, bytes: change.bytes.subarray(0, change.bytes.length >> 1) }]]
    : [[], [change]]

/** Every combination of what may have reached the disk. */
const outcomes = (changes: readonly Change[]): readonly (readonly Change[])[] =>
  changes.reduce<readonly (readonly Change[])[]>(
    (all, change) => all.flatMap(before => halves(change).map(part => [...before, ...part])),
    [[]]
  )

/** Makes a file in memory; the `stopAt`-th write, truncate or sync fails, and all after it. */
export const memoryFile = (initial: Uint8Array, stopAt = Infinity): MemoryFile => {
  let synced = new Uint8Array(initial)
  let pending: Change[] = []
  let steps = 0
  const step = (act: () => void) => () => {
    if (steps++ >= stopAt) return Promise.resolve(left(newError('disk-full', 'There is no room left.', 'Make room.')))
    act()
    return Promise.resolve(right(undefined))
  }
  const bytes = (): Uint8Array<ArrayBuffer> => applied(synced, pending)
  return {
    name: 'memory.tif',
    get size() {
      return bytes().length
    },
    read: (offset, length) => () => Promise.resolve(right(bytes().slice(offset, offset + length))),
    write: (offset, data) => step(() => void pending.push({ offset, bytes: data.slice() })),
    truncate: length => step(() => void pending.push({ length })),
    sync: () =>
      step(() => {
        synced = bytes()
        pending = []
      }),
    bytes,
    afterPowerLoss: () => outcomes(pending).map(changes => applied(synced, changes)),
    steps: () => steps
  }
}
