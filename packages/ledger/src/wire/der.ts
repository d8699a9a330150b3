/** One element of DER: where its content stands. */
export interface DerElement {
  readonly tag: number
  /** Offset of the tag. */
  readonly at: number
  readonly from: number
  readonly to: number
}

/** Tags that certificates and revocation lists are made of. */
export const derTags = {
  integer: 0x02,
  bitString: 0x03,
  oid: 0x06,
  sequence: 0x30,
  utcTime: 0x17,
  generalizedTime: 0x18
}

const longLength = (bytes: Buffer, at: number, digits: number): number | undefined => {
  if (digits === 0 || digits > 4 || at + digits > bytes.length) return undefined
  return bytes.readUIntBE(at, digits)
}

/** Reads the element at an offset; undefined where there is none within `end`. */
export const derElement = (bytes: Buffer, at: number, end = bytes.length): DerElement | undefined => {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined || at + 2 > end) return undefined
  const digits = first < 128 ? 0 : first - 128
  const length = first < 128 ? first : longLength(bytes, at + 2, digits)
  const from = at + 2 + digits
  return length === undefined || from + length > end ? undefined : { tag, at, from, to: from + length }
}

/** The elements inside an element; undefined where its content is not exactly some. */
export const derChildren = (bytes: Buffer, parent: DerElement): readonly DerElement[] | undefined => {
  const children: DerElement[] = []
  for (let at = parent.from; at < parent.to;) {
    const child = derElement(bytes, at, parent.to)
    if (child === undefined) return undefined
    children.push(child)
    at = child.to
  }
  return children
}
