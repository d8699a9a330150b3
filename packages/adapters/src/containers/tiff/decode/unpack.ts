/** Reverses the bits of each byte (FillOrder 2). */
export const reverseBits = (bytes: Uint8Array): Uint8Array => {
  const table = Uint8Array.from({ length: 256 }, (_, n) => {
    let reversed = 0
    for (let bit = 0; bit < 8; bit++) if ((n >> bit) & 1) reversed |= 128 >> bit
    return reversed
  })
  return bytes.map(byte => table[byte] as number)
}

/** A copy with the bytes of each sample of `size` bytes in the other order. */
export const swapBytes = (bytes: Uint8Array, size: number): Uint8Array => {
  const out = new Uint8Array(bytes.length)
  const whole = bytes.length - (bytes.length % size)
  if (size === 2) {
    for (let i = 0; i < whole; i += 2) {
      out[i] = bytes[i + 1] as number
      out[i + 1] = bytes[i] as number
    }
    return out
  }
  for (let i = 0; i < whole; i += size) {
    for (let j = 0; j < size; j++) out[i + j] = bytes[i + size - 1 - j] as number
  }
  return out
}

/**
 * Widens packed unsigned integers (1 to 32 bits, highest bit first, rows starting at whole bytes) to little-endian
 * samples of `size` bytes.
 */
export const unpackBits = (bytes: Uint8Array, rows: number, perRow: number, bits: number, size: number): Uint8Array => {
  const out = new Uint8Array(rows * perRow * size)
  const rowBytes = Math.ceil((perRow * bits) / 8)
  for (let row = 0, to = 0; row < rows; row++) {
    let at = row * rowBytes
    let [held, have] = [0, 0]
    for (let i = 0; i < perRow; i++, to += size) {
      let [value, need] = [0, bits]
      while (need > 0) {
        if (have === 0) {
          held = bytes[at++] ?? 0
          have = 8
        }
        const take = Math.min(need, have)
        value = value * (1 << take) + ((held >> (have - take)) & ((1 << take) - 1))
        have -= take
        need -= take
      }
      for (let byte = 0; byte < size; byte++) {
        out[to + byte] = value % 256
        value = Math.floor(value / 256)
      }
    }
  }
  return out
}
