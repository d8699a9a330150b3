/** A field of a protobuf message, read without knowing its type: what looks like a message is taken for one. */
export interface Field {
  readonly number: number
  readonly type: number
  /** A varint or a fixed number, as its bytes. */
  readonly raw: Buffer
  readonly bytes?: Buffer
  readonly children?: readonly Field[]
}

const varintAt = (bytes: Buffer, at: number): { readonly value: number; readonly end: number } | undefined => {
  let value = 0
  for (let i = 0; i < 8 && at + i < bytes.length; i++) {
    const byte = bytes[at + i] ?? 0
    value += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return { value, end: at + i + 1 }
  }
  return undefined
}

/** A varint, also of a size that is none. */
export const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

const fixedLengths: Readonly<Record<number, number>> = { 1: 8, 5: 4 }

const fieldAt = (bytes: Buffer, at: number): { readonly field: Field; readonly end: number } | undefined => {
  const tag = varintAt(bytes, at)
  if (tag === undefined || tag.value < 8 || tag.value > 2 ** 29) return undefined
  const [number, type] = [Math.floor(tag.value / 8), tag.value % 8]
  const next = varintAt(bytes, tag.end)
  if (type === 0 && next !== undefined)
    return { field: { number, type, raw: bytes.subarray(tag.end, next.end) }, end: next.end }
  const fixed = fixedLengths[type]
  if (fixed !== undefined && tag.end + fixed <= bytes.length)
    return { field: { number, type, raw: bytes.subarray(tag.end, tag.end + fixed) }, end: tag.end + fixed }
  if (type !== 2 || next === undefined || next.end + next.value > bytes.length) return undefined
  const end = next.end + next.value
  const body = bytes.subarray(next.end, end)
  const children = body.length > 1 ? parseFields(body) : undefined
  const field = { number, type, raw: Buffer.alloc(0), bytes: body, ...(children === undefined ? {} : { children }) }
  return { field, end }
}

/** Reads a message; undefined where the bytes are none. */
export const parseFields = (bytes: Buffer): readonly Field[] | undefined => {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length;) {
    const found = fieldAt(bytes, at)
    if (found === undefined) return undefined
    fields.push(found.field)
    at = found.end
  }
  return fields
}

/** The bytes of a message. */
export const fieldsBytes = (fields: readonly Field[]): Buffer =>
  Buffer.concat(
    fields.flatMap(({ number, type, raw, bytes, children }) => {
      const tag = varint(number * 8 + type)
      if (type !== 2) return [tag, raw]
      const body = children === undefined ? (bytes ?? Buffer.alloc(0)) : fieldsBytes(children)
      return [tag, varint(body.length), body]
    })
  )
