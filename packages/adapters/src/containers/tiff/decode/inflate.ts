import { malformed, unsupported } from '../structure/reader.ts'

/** Node's own zlib where there is one, without an import that a browser's bundle would trip over. */
const nodeZlib =
  'process' in globalThis && 'getBuiltinModule' in process ? process.getBuiltinModule('node:zlib') : undefined

const isTooLong = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE'

/** Takes from a stream until `most` bytes are there; the rest is never inflated. */
const gathered = async (stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> => {
  const out = new Uint8Array(most)
  const reader = stream.getReader()
  let written = 0
  while (written < most) {
    const { done, value } = await reader.read()
    if (done) break
    const part = value.subarray(0, most - written)
    out.set(part, written)
    written += part.length
  }
  await reader.cancel().catch(() => undefined)
  return out.subarray(0, written)
}

const inStream = async (bytes: Uint8Array, most: number): Promise<Uint8Array> => {
  const body = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('deflate'))
  return gathered(body, most)
}

const inflated = async (bytes: Uint8Array, most: number): Promise<Uint8Array> => {
  if (nodeZlib === undefined) return inStream(bytes, most)
  try {
    // SYNC_FLUSH: a stream without its end, as some writers leave it, gives what there is.
    return nodeZlib.inflateSync(bytes, {
      maxOutputLength: most,
      chunkSize: Math.max(64, Math.min(most, 1 << 20)),
      finishFlush: nodeZlib.constants.Z_SYNC_FLUSH
    })
  } catch (thrown) {
    if (!isTooLong(thrown)) throw thrown
  }
  return inStream(bytes, most)
}

// A stream's own error has no words, its cause has.
const reasonOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return 'damaged'
  return thrown.message === '' ? reasonOf(thrown.cause) : thrown.message
}

/** Inflates a zlib stream up to `most` bytes; one that holds more is cut off there. Throws `tiff-malformed`. */
export const decodeDeflate = async (bytes: Uint8Array, most: number): Promise<Uint8Array> => {
  try {
    return await inflated(bytes, most)
  } catch (thrown) {
    return malformed(`A Deflate strip or tile cannot be inflated: ${reasonOf(thrown)}.`)
  }
}

/** Decodes a Zstandard frame up to `most` bytes. Throws `tiff-malformed`, or `tiff-unsupported` where there is no decoder. */
export const decodeZstd = async (bytes: Uint8Array, most: number): Promise<Uint8Array> => {
  try {
    // Node has it since 22.15.
    if (nodeZlib !== undefined && 'zstdDecompressSync' in nodeZlib)
      return nodeZlib.zstdDecompressSync(bytes, { maxOutputLength: most })
    const { decodeForeign } = await import('./foreign.ts')
    return await decodeForeign(50000, bytes, { width: 1, height: 1, bits: 8, samples: 1 })
  } catch (thrown) {
    if (isTooLong(thrown)) return unsupported('A Zstandard strip or tile holds more bytes than its pixels need.')
    return malformed(`A Zstandard strip or tile cannot be decoded: ${reasonOf(thrown)}.`)
  }
}
