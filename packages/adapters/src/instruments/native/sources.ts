/** Remembers which native ordinals gave which value. */
export interface Sources {
  readonly add: (pointer: string, ordinals: readonly number[]) => void
  readonly mapping: () => ReadonlyMap<number, readonly string[]>
}

/** An empty record of sources. */
export const newSources = (): Sources => {
  const pointers = new Map<number, Set<string>>()
  return {
    add: (pointer, ordinals) => {
      for (const ordinal of ordinals) {
        const known = pointers.get(ordinal)
        if (known === undefined) pointers.set(ordinal, new Set([pointer]))
        else known.add(pointer)
      }
    },
    mapping: () => new Map([...pointers].sort(([a], [b]) => a - b).map(([ordinal, known]) => [ordinal, [...known]]))
  }
}
