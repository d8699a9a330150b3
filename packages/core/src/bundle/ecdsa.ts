/** Order of the P-256 group, and its half: signatures in Fabric's form have s at most that. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const toBigInt = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

/** Reads one DER INTEGER, minimal and positive; undefined where it is not. */
const readInteger = (bytes: Uint8Array, at: number): { readonly value: bigint; readonly end: number } | undefined => {
  const length = bytes[at + 1]
  if (bytes[at] !== 2 || length === undefined || length === 0 || length > 33 || at + 2 + length > bytes.length)
    return undefined
  const content = bytes.subarray(at + 2, at + 2 + length)
  const first = content[0] as number
  if (first >= 0x80 || (first === 0 && length > 1 && (content[1] as number) < 0x80)) return undefined
  return { value: toBigInt(content), end: at + 2 + length }
}

const inGroup = (n: bigint): boolean => n > 0n && n < order

const toBytes32 = (n: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((n >> BigInt(8 * (31 - i))) & 0xffn))

/**
 * The 64 bytes r ‖ s of a DER signature on P-256 (IEEE P1363 form, which WebCrypto takes).
 * Undefined where the DER is not strict or s is not low: one signature has one form.
 */
export const fromDerSignature = (der: Uint8Array): Uint8Array | undefined => {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined
  const r = readInteger(der, 2)
  const s = r === undefined ? undefined : readInteger(der, r.end)
  if (r === undefined || s?.end !== der.length || !inGroup(r.value) || !inGroup(s.value) || s.value > order / 2n)
    return undefined
  const raw = new Uint8Array(64)
  raw.set(toBytes32(r.value))
  raw.set(toBytes32(s.value), 32)
  return raw
}

const integer = (n: bigint): readonly number[] => {
  const bytes = [...toBytes32(n)]
  while (bytes.length > 1 && bytes[0] === 0 && (bytes[1] as number) < 0x80) bytes.shift()
  if ((bytes[0] as number) >= 0x80) bytes.unshift(0)
  return [2, bytes.length, ...bytes]
}

/** DER of a signature r ‖ s (64 bytes), with s made low. */
export const toDerSignature = (raw: Uint8Array): Uint8Array => {
  const s = toBigInt(raw.subarray(32))
  const body = [...integer(toBigInt(raw.subarray(0, 32))), ...integer(s > order / 2n ? order - s : s)]
  return Uint8Array.from([0x30, body.length, ...body])
}
