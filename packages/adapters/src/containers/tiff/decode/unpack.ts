/** Reverses the bits of each byte (FillOrder 2). */
export const reverseBits = (bytes: Uint8Array): Uint8Array => {
  const table = Uint8Array.from({ length: 256 }, (_, n) => {
    let reversed = 0
    for (let bit = 0; bit < 8; bit++) if ((n >> bit) & 1) reversed |= 128 >> bit
    return reversed
  })
  return bytes.map(byte => table[byte] as number)
}

/** Words that lie at a multiple of their size; bytes that do not are copied first. */
const wordBytes = (bytes: Uint8Array, size: number): Uint8Array =>
  bytes.byteOffset % size === 0 ? bytes : bytes.slice()

/** The bytes as 16-bit words of this machine. */
export const words16 = (bytes: Uint8Array): Uint16Array => {
  const { buffer, byteLength, byteOffset } = wordBytes(bytes, 2)
  return new Uint16Array(buffer, byteOffset, byteLength >> 1)
}

/** The bytes as 32-bit words of this machine. */
export const words32 = (bytes: Uint8Array): Uint32Array => {
  const { buffer, byteLength, byteOffset } = wordBytes(bytes, 4)
  return new Uint32Array(buffer, byteOffset, byteLength >> 2)
}

const padded32 = (bytes: Uint8Array): Uint32Array => {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
  padded.set(bytes)
  return new Uint32Array(padded.buffer)
}

/** Node swaps bytes with vector instructions, several times as fast as a loop. */
const swappedByNode = (bytes: Uint8Array, size: number): Uint8Array => {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  const swapped = size === 2 ? copy.swap16() : size === 4 ? copy.swap32() : copy.swap64()
  return new Uint8Array(swapped.buffer, swapped.byteOffset, swapped.length)
}

/** A copy with the bytes of each sample of 2, 4 or 8 bytes in the other order; the length is a multiple of that. */
export const swapBytes = (bytes: Uint8Array, size: number): Uint8Array =>
  'Buffer' in globalThis ? swappedByNode(bytes, size) : swappedByLoop(bytes, size)

/** As {@link swapBytes}, where there is no Node. */
export const swappedByLoop = (bytes: Uint8Array, size: number): Uint8Array => {
  if (size === 2) {
    // Two samples at a time; an odd last one is padded.
    const words = bytes.length % 4 === 0 ? words32(bytes) : padded32(bytes)
    const out = new Uint32Array(words.length)
    for (let i = 0; i < words.length; i++) {
      const pair = words[i] as number
      out[i] = ((pair & 0x00ff00ff) << 8) | ((pair >>> 8) & 0x00ff00ff)
    }
    return new Uint8Array(out.buffer, 0, bytes.length)
  }
  const words = words32(bytes)
  const out = new Uint32Array(words.length)
  // The halves of an 8-byte sample change places too.
  const partner = size === 8 ? 1 : 0
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number
    out[i ^ partner] = (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
  }
  return new Uint8Array(out.buffer)
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
