/**
 * Reads protobuf messages by hand, straight out of the bytes: an audit takes millions of them apart, and the generated
 * classes copy every one of them several times over.
 */
export interface Fields {
  readonly bytes: Buffer
  /** Offset behind the last byte of the message. */
  readonly end: number
  /** Where the next field begins. */
  at: number
  /** Number of the field that was read last. */
  field: number
  /** Its wire type. */
  wire: number
  /** Its value where the wire type is a number. */
  value: number
  /** Where its content begins and ends where it is length-delimited. */
  from: number
  to: number
  /** What was read so far is no protobuf message. */
  bad: boolean
  /** What was read so far is not as Fabric's programs write it: longer numbers than needed, fields out of order. */
  odd: boolean
}

const varintWire = 0
const fixed64Wire = 1
const bytesWire = 2
const fixed32Wire = 5
const maxVarintBytes = 10

/** Begins to read a message, or a part of it. */
export const fieldsOf = (bytes: Buffer, from = 0, end = bytes.length): Fields => ({
  bytes,
  end,
  at: from,
  field: 0,
  wire: 0,
  value: 0,
  from: 0,
  to: 0,
  bad: false,
  odd: false
})

const readVarint = (f: Fields): number => {
  const first = f.bytes[f.at]
  if (first !== undefined && first < 128 && f.at < f.end) {
    f.at += 1
    return first
  }
  let value = 0
  let scale = 1
  for (let n = 0; n < maxVarintBytes && f.at < f.end; n++) {
    const byte = f.bytes[f.at++] ?? 0
    value += (byte & 127) * scale
    scale *= 128
    if (byte < 128) {
      if (byte === 0 && n > 0) f.odd = true
      return value
    }
  }
  f.bad = true
  return 0
}

const skip = (f: Fields, length: number): void => {
  if (length > f.end - f.at) f.bad = true
  f.from = f.at
  f.to = f.at + length
  f.at = f.to
}

const readValue = (f: Fields): void => {
  switch (f.wire) {
    case varintWire:
      f.value = readVarint(f)
      return
    case bytesWire:
      skip(f, readVarint(f))
      return
    case fixed64Wire:
      skip(f, 8)
      return
    case fixed32Wire:
      skip(f, 4)
      return
    default:
      f.bad = true
  }
}

/** Reads the next field; false at the end of the message, and where it is none (then `bad`). */
export const nextField = (f: Fields): boolean => {
  if (f.bad || f.at >= f.end) return false
  const key = readVarint(f)
  const field = Math.floor(key / 8)
  if (field < f.field) f.odd = true
  if (field === 0) f.bad = true
  f.field = field
  f.wire = key % 8
  if (!f.bad) readValue(f)
  return !f.bad
}

/** Whether the field read last is this one, with a length-delimited content. */
export const isBytes = (f: Fields, field: number): boolean => f.field === field && f.wire === bytesWire

/** Whether the field read last is this one, with a number. */
export const isNumber = (f: Fields, field: number): boolean => f.field === field && f.wire === varintWire

/** The content of the field read last, without copying it. */
export const content = (f: Fields): Buffer => f.bytes.subarray(f.from, f.to)

/** An empty content. */
export const none: Buffer = Buffer.alloc(0)

/**
 * The contents of a message whose fields are all length-delimited, by number; undefined where it is none or holds other
 * fields. With `strict` also where a field stands twice or the message is not as Fabric's programs write it.
 */
export const bytesFields = (bytes: Buffer, count: number, strict = false): readonly Buffer[] | undefined => {
  const found: Buffer[] = Array.from({ length: count + 1 }, () => none)
  const f = fieldsOf(bytes)
  let before = 0
  while (nextField(f)) {
    if (f.wire !== bytesWire || f.field > count) return undefined
    if (strict && f.field === before) return undefined
    before = f.field
    found[f.field] = content(f)
  }
  return f.bad || (strict && f.odd) ? undefined : found
}
