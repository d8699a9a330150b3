/** Decodes PackBits (TIFF 6.0, section 9) up to `most` bytes; what is cut off is left out. */
export const decodePackBits = (bytes: Uint8Array, most: number): Uint8Array => {
  const out = new Uint8Array(most)
  let [from, to] = [0, 0]
  while (from < bytes.length && to < most) {
    const header = bytes[from++] as number
    if (header < 128) {
      const run = bytes.subarray(from, Math.min(from + header + 1, from + most - to))
      out.set(run, to)
      from += header + 1
      to += run.length
    } else if (header > 128) {
      const end = Math.min(most, to + 257 - header)
      out.fill(bytes[from++] ?? 0, to, end)
      to = end
    }
  }
  return out.subarray(0, to)
}
