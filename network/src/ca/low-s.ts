/** Half the order of P-256: the largest `s` that Fabric accepts in a signature. */
const halfOrder = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

interface Parts {
  readonly r: bigint
  readonly s: bigint
}

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)

// SEQUENCE of two INTEGERs, short lengths only: a P-256 signature never needs more than 72 bytes.
const readInteger = (der: Uint8Array, at: number): { readonly value: bigint; readonly end: number } | undefined => {
  const length = der[at + 1]
  if (der[at] !== 0x02 || length === undefined || length === 0 || length > 33) return undefined
  const end = at + 2 + length
  const first = der[at + 2]
  if (end > der.length || first === undefined || (first & 0x80) !== 0) return undefined
  return { value: toBigInt(der.subarray(at + 2, end)), end }
}

const readSignature = (der: Uint8Array): Parts | undefined => {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return undefined
  const r = readInteger(der, 2)
  const s = r === undefined ? undefined : readInteger(der, r.end)
  return r === undefined || s === undefined || s.end !== der.length ? undefined : { r: r.value, s: s.value }
}

const writeInteger = (value: bigint): Uint8Array => {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const padded = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
  return Buffer.concat([Buffer.of(0x02, padded.length), padded])
}

/** Tells whether a DER signature over P-256 has the lower of its two possible `s`; false for what is no signature. */
export const isLowS = (der: Uint8Array): boolean => {
  const parts = readSignature(der)
  return parts !== undefined && parts.r > 0n && parts.s > 0n && parts.s <= halfOrder
}

/** Brings a DER signature over P-256 into its low-S form, in which it is just as valid. */
export const toLowS = (der: Uint8Array): Uint8Array => {
  const parts = readSignature(der)
  if (parts === undefined || parts.s <= halfOrder) return der
  const body = Buffer.concat([writeInteger(parts.r), writeInteger(order - parts.s)])
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}
