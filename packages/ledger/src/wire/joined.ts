// One buffer for all: a new one for each of the many thousand parts that are hashed would keep the garbage collector busy.
let scratch = Buffer.alloc(64 * 1024)

/** Parts put together, a single one as it is; the bytes are good until the next call. */
export const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  let length = 0
  for (const part of parts) length += part.length
  if (length > scratch.length) scratch = Buffer.alloc(length * 2)
  let at = 0
  for (const part of parts) {
    scratch.set(part, at)
    at += part.length
  }
  return scratch.subarray(0, length)
}
