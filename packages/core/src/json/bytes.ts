const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 bytes of a string. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** The string of UTF-8 bytes, or undefined where they are not UTF-8. A byte order mark is kept. */
export const fromUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const hexPairs = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** Lower-case hex. */
export const toHex = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += hexPairs[byte] ?? ''
  return text
}

/** What each character code stands for in lower-case hex; -1 for all others. */
const hexDigits = Int8Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)))

const hexDigit = (text: string, at: number): number => hexDigits[text.charCodeAt(at)] ?? -1

/** Writes the bytes of lower-case hex into others from a place on; false, after some of them, where it is not that. */
export const writeHex = (text: string, into: Uint8Array, at: number): boolean => {
  for (let i = 0; i < text.length; i += 2) {
    const high = hexDigit(text, i)
    const low = hexDigit(text, i + 1)
    if (high < 0 || low < 0) return false
    into[at + i / 2] = high * 16 + low
  }
  return true
}

/** Bytes of lower-case hex, or undefined where it is not that. */
export const fromHex = (text: string): Uint8Array | undefined => {
  if (text.length % 2 !== 0) return undefined
  const bytes = new Uint8Array(text.length / 2)
  return writeHex(text, bytes, 0) ? bytes : undefined
}

/** Padded base64 (RFC 4648, section 4). */
export const toBase64 = (bytes: Uint8Array): string => {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x2000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x2000))
  return btoa(binary)
}

/** Bytes of padded base64, or undefined where it is not the one form that {@link toBase64} writes. */
export const fromBase64 = (text: string): Uint8Array | undefined => {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  // The bits that padding leaves over must be zero, or one value would have several texts.
  return text.endsWith('=') && toBase64(bytes.subarray(-(bytes.length % 3 || 3))) !== text.slice(-4) ? undefined : bytes
}

/** Whether two byte strings are the same. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Bytes one after another. */
export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
