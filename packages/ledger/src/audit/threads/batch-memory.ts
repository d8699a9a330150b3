/** Memory in which batches travel. */
export interface BatchMemory {
  /** Memory of so many bytes at least. What it holds is not cleared. */
  readonly take: (bytes: number) => Uint8Array<ArrayBuffer>
  /** Gives it back once nobody reads it any more. */
  readonly give: (memory: Uint8Array<ArrayBuffer>) => void
}

/**
 * Begins with none. Memory is used again, the piece that lay there last first: memory that is allocated for every batch makes the
 * garbage collector go over the whole heap again and again, which costs more than a tenth of an audit.
 */
export const newBatchMemory = (usual: number): BatchMemory => {
  const free: Uint8Array<ArrayBuffer>[] = []
  return {
    take: bytes => {
      const found = bytes <= usual ? free.pop() : undefined
      // Alone in its memory, which is handed over to a thread, and written over whole.
      return found ?? Buffer.allocUnsafeSlow(Math.max(bytes, usual))
    },
    give: memory => {
      if (memory.length === usual) free.push(memory)
    }
  }
}
