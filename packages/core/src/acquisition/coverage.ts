import type { MappingEntry } from './acquisition.ts'
import type { NativeEntry, NativeText } from './native-text.ts'

/** How much of the native metadata an acquisition holds. */
export interface Coverage {
  /** Entries of the native text. */
  readonly native: number
  /** Entries whose value stands in the acquisition or in its instrument. */
  readonly mapped: number
  /** Entries found again, key and value, when the stored attachments are parsed. */
  readonly carried: number
}

/** One acquisition as it was read, for {@link coverage}. */
export interface CoveredAcquisition {
  readonly native: readonly NativeText[]
  /** Ordinals run over the entries of `native` in order. */
  readonly mapping: readonly MappingEntry[]
}

const keyOf = ({ key, value }: NativeEntry): string => `${key}\u0000${value}`

/** Entries of `stored` that are entries of `native`, repeats counted. */
const foundAgain = (native: readonly NativeEntry[], stored: readonly NativeEntry[]): number => {
  const left = new Map<string, number>()
  for (const entry of native) left.set(keyOf(entry), (left.get(keyOf(entry)) ?? 0) + 1)
  let found = 0
  for (const entry of stored) {
    const n = left.get(keyOf(entry)) ?? 0
    if (n > 0) found++
    left.set(keyOf(entry), n - 1)
  }
  return found
}

interface Block {
  readonly entries: readonly NativeEntry[]
  readonly mapped: Set<number>
  carried: number
}

/** Blocks by where they stand, so that a block that several acquisitions of a file share counts once. */
const blocksOf = (
  acquisitions: readonly CoveredAcquisition[],
  stored: readonly (readonly (readonly NativeEntry[])[])[]
): readonly Block[] => {
  const blocks = new Map<string, Block>()
  acquisitions.forEach((acquisition, a) => {
    const mapped = new Set(acquisition.mapping.map(([ordinal]) => ordinal))
    let first = 0
    acquisition.native.forEach((text, n) => {
      const place = text.at ?? `${a}/${n}`
      const block = blocks.get(place) ?? {
        entries: text.entries,
        mapped: new Set<number>(),
        carried: text.entries.length
      }
      blocks.set(place, block)
      for (let i = 0; i < text.entries.length; i++) if (mapped.has(first + i)) block.mapped.add(i)
      block.carried = Math.min(block.carried, foundAgain(text.entries, stored[a]?.[n] ?? []))
      first += text.entries.length
    })
  })
  return [...blocks.values()]
}

/**
 * Counts coverage over all acquisitions of a file. `carried` comes from the stored attachments alone.
 *
 * @param acquisitions - As they were read from the file.
 * @param stored - For each acquisition and each of its native blocks, in order: the entries that parsing the stored
 * attachment again gives (`parseNative` of \@bims/adapters); an empty list where it does not parse or is not there.
 * A block that stands in several acquisitions is as carried as the worst of its copies.
 */
export const coverage = (
  acquisitions: readonly CoveredAcquisition[],
  stored: readonly (readonly (readonly NativeEntry[])[])[]
): Coverage => {
  const blocks = blocksOf(acquisitions, stored)
  const sum = (count: (block: Block) => number): number => blocks.reduce((total, block) => total + count(block), 0)
  return {
    native: sum(block => block.entries.length),
    mapped: sum(block => block.mapped.size),
    carried: sum(block => block.carried)
  }
}
