/** Where a block stands: number of its file, offset of its frame, length of the block. */
export interface BlockLocation {
  readonly file: number
  readonly offset: number
  readonly length: number
}

/** Where blocks stand, from block 0 on: 16 bytes a block, so that a long chain costs little to open. */
export interface BlockLocations {
  readonly count: () => number
  readonly at: (number: number) => BlockLocation | undefined
  readonly push: (location: BlockLocation) => void
  /** Forgets all but the first blocks. */
  readonly keep: (count: number) => void
}

const grown = <A extends Uint32Array | Float64Array>(old: A, make: (length: number) => A): A => {
  const next = make(old.length * 2)
  next.set(old)
  return next
}

/** A list of locations that grows. */
export const newBlockLocations = (given: Iterable<BlockLocation> = []): BlockLocations => {
  let files = new Uint32Array(1024)
  let lengths = new Uint32Array(1024)
  let offsets = new Float64Array(1024)
  let count = 0
  const push = ({ file, offset, length }: BlockLocation): void => {
    if (count === files.length) {
      files = grown(files, size => new Uint32Array(size))
      lengths = grown(lengths, size => new Uint32Array(size))
      offsets = grown(offsets, size => new Float64Array(size))
    }
    files[count] = file
    lengths[count] = length
    offsets[count] = offset
    count += 1
  }
  for (const location of given) push(location)
  return {
    count: () => count,
    at: number => {
      const [file, offset, length] = [files[number], offsets[number], lengths[number]]
      if (number >= count || file === undefined || offset === undefined || length === undefined) return undefined
      return { file, offset, length }
    },
    push,
    keep: kept => {
      count = Math.min(count, kept)
    }
  }
}
