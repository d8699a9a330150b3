/** Where a key was written last. */
export interface KeyVersion {
  readonly block: number
  readonly place: number
  readonly deleted: boolean
}

/**
 * The version of every key of the state, by the 16 bytes of its hash: 24 bytes an entry in flat arrays, so that the
 * versions of ten million keys fit into half a gigabyte.
 */
export interface KeyVersions {
  readonly get: (hash: string) => KeyVersion | undefined
  readonly set: (hash: string, version: KeyVersion) => void
  readonly size: () => number
}

const words = 6
const deletedBit = 0x80000000
const fullness = 0.7

interface Table {
  readonly entries: Uint32Array
  readonly mask: number
}

const newTable = (capacity: number): Table => ({ entries: new Uint32Array(capacity * words), mask: capacity - 1 })

const word = (hash: string, at: number): number =>
  ((hash.charCodeAt(at) << 24) |
    (hash.charCodeAt(at + 1) << 16) |
    (hash.charCodeAt(at + 2) << 8) |
    hash.charCodeAt(at + 3)) >>>
  0

const wordsOf = (hash: string): readonly [number, number, number, number] => [
  word(hash, 0),
  word(hash, 4),
  word(hash, 8),
  word(hash, 12)
]

type Name = ReturnType<typeof wordsOf>

// An entry whose block is 0xffffffff plus one is never there: free entries are told by a block of zero, since real
// blocks are kept one higher.
const slotOf = ({ entries, mask }: Table, [a, b, c, d]: Name): number => {
  for (let slot = a & mask; ; slot = (slot + 1) & mask) {
    const at = slot * words
    if (entries[at + 4] === 0) return at
    if (entries[at] === a && entries[at + 1] === b && entries[at + 2] === c && entries[at + 3] === d) return at
  }
}

const grown = (table: Table): Table => {
  const next = newTable((table.mask + 1) * 2)
  for (let at = 0; at < table.entries.length; at += words) {
    if (table.entries[at + 4] === 0) continue
    const entry = table.entries.subarray(at, at + words)
    next.entries.set(entry, slotOf(next, [entry[0] ?? 0, entry[1] ?? 0, entry[2] ?? 0, entry[3] ?? 0]))
  }
  return next
}

/** Begins with no keys. */
export const newKeyVersions = (): KeyVersions => {
  let table = newTable(1024)
  let size = 0
  return {
    get: hash => {
      const at = slotOf(table, wordsOf(hash))
      const block = table.entries[at + 4] ?? 0
      const place = table.entries[at + 5] ?? 0
      return block === 0
        ? undefined
        : { block: block - 1, place: (place & ~deletedBit) >>> 0, deleted: place >= deletedBit }
    },
    set: (hash, { block, place, deleted }) => {
      const name = wordsOf(hash)
      let at = slotOf(table, name)
      if (table.entries[at + 4] === 0) {
        size += 1
        if (size > (table.mask + 1) * fullness) {
          table = grown(table)
          at = slotOf(table, name)
        }
        table.entries.set(name, at)
      }
      table.entries[at + 4] = block + 1
      table.entries[at + 5] = deleted ? place + deletedBit : place
    },
    size: () => size
  }
}
