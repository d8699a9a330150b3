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

// An entry whose block is 0xffffffff plus one is never there: free entries are told by a block of zero, since real
// blocks are kept one higher.
const slotOf = ({ entries, mask }: Table, a: number, b: number, c: number, d: number): number => {
  for (let slot = a & mask; ; slot = (slot + 1) & mask) {
    const at = slot * words
    if (entries[at + 4] === 0) return at
    if (entries[at] === a && entries[at + 1] === b && entries[at + 2] === c && entries[at + 3] === d) return at
  }
}

const slotOfHash = (table: Table, hash: string): number =>
  slotOf(table, word(hash, 0), word(hash, 4), word(hash, 8), word(hash, 12))

const grown = (table: Table): Table => {
  const next = newTable((table.mask + 1) * 2)
  for (let at = 0; at < table.entries.length; at += words) {
    if (table.entries[at + 4] === 0) continue
    const { entries } = table
    const to = slotOf(next, entries[at] ?? 0, entries[at + 1] ?? 0, entries[at + 2] ?? 0, entries[at + 3] ?? 0)
    for (let i = 0; i < words; i++) next.entries[to + i] = entries[at + i] ?? 0
  }
  return next
}

/** Begins with no keys. */
export const newKeyVersions = (): KeyVersions => {
  let table = newTable(1024)
  let size = 0
  return {
    get: hash => {
      const at = slotOfHash(table, hash)
      const block = table.entries[at + 4] ?? 0
      const place = table.entries[at + 5] ?? 0
      return block === 0
        ? undefined
        : { block: block - 1, place: (place & ~deletedBit) >>> 0, deleted: place >= deletedBit }
    },
    set: (hash, { block, place, deleted }) => {
      let at = slotOfHash(table, hash)
      if (table.entries[at + 4] === 0) {
        size += 1
        if (size > (table.mask + 1) * fullness) {
          table = grown(table)
          at = slotOfHash(table, hash)
        }
        for (let i = 0; i < 4; i++) table.entries[at + i] = word(hash, i * 4)
      }
      table.entries[at + 4] = block + 1
      table.entries[at + 5] = deleted ? place + deletedBit : place
    },
    size: () => size
  }
}
