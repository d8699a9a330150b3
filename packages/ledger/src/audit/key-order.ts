/** The keys of one namespace in order, for checking range queries again. */
export interface KeyOrder {
  readonly add: (key: string) => void
  readonly remove: (key: string) => void
  /** Keys from `start` on, and before `end` (empty: to the end) or up to it. */
  readonly range: (start: string, end: string, includeEnd: boolean) => Iterable<string>
  readonly size: () => number
}

const firstAtLeast = (keys: readonly string[], key: string): number => {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

/** Begins with no keys. Keys are binary text, which sorts as their bytes do; they are put in order when a range is asked for. */
export const newKeyOrder = (): KeyOrder => {
  const present = new Set<string>()
  let sorted: string[] = []
  let stale = false
  const ordered = (): readonly string[] => {
    if (stale) sorted = [...present].sort((a, b) => (a < b ? -1 : 1))
    stale = false
    return sorted
  }
  return {
    add: key => {
      if (present.has(key)) return
      present.add(key)
      stale = true
    },
    remove: key => {
      if (present.delete(key)) stale = true
    },
    *range(start, end, includeEnd) {
      const keys = ordered()
      for (let at = firstAtLeast(keys, start); at < keys.length; at++) {
        const key = keys[at] ?? ''
        if (end !== '' && (includeEnd ? key > end : key >= end)) return
        yield key
      }
    },
    size: () => present.size
  }
}
