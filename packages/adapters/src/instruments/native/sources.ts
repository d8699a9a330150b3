/** Remembers which native ordinals gave which value. */
export interface Sources {
  readonly add: (pointer: string, ordinals: readonly number[]) => void
  readonly mapping: () => ReadonlyMap<number, readonly string[]>
}

/** An empty record of sources. Pairs are kept flat, because a file may have millions of them. */
export const newSources = (): Sources => {
  const known: string[] = []
  const pairs: (readonly [ordinal: number, pointer: number])[] = []
  return {
    add: (pointer, ordinals) => {
      if (ordinals.length === 0) return
      known.push(pointer)
      for (const ordinal of ordinals) pairs.push([ordinal, known.length - 1])
    },
    mapping: () => {
      const mapping = new Map<number, readonly string[]>()
      for (const [ordinal, index] of [...pairs].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
        const pointer = known[index] ?? ''
        const before = mapping.get(ordinal)
        if (before === undefined) mapping.set(ordinal, [pointer])
        else if (!before.includes(pointer)) mapping.set(ordinal, [...before, pointer])
      }
      return mapping
    }
  }
}
