import { randomBytes } from 'node:crypto'
import { fieldsBytes, parseFields, varint, type Field } from './wire-tree.ts'

/** Numbers from 0 to 1. */
export type Random = () => number

const pick = <A>(next: Random, of: readonly A[]): A | undefined => of[Math.floor(next() * of.length)]
const below = (next: Random, limit: number): number => Math.floor(next() * limit)

const oddVarints: readonly Buffer[] = [
  varint(0),
  varint(1),
  varint(2 ** 31),
  varint(2 ** 53),
  Buffer.alloc(9, 0xff),
  Buffer.from('ffffffffffffffffff01', 'hex'),
  Buffer.from('808080808080808080807f', 'hex')
]

const oddBytes = (next: Random): Buffer =>
  pick(next, [
    Buffer.alloc(0),
    Buffer.alloc(1),
    randomBytes(1 + below(next, 40)),
    Buffer.alloc(5000, 'x'),
    Buffer.from('__proto__'),
    Buffer.from('\u0000\uffff'),
    Buffer.from([0xff, 0xfe, 0xc0, 0x80]),
    Buffer.from('../../../etc/passwd'),
    // A message in a message in a message, a hundred deep.
    Array.from({ length: 100 }).reduce<Buffer>(
      body => Buffer.concat([varint(10), varint(body.length), body]),
      Buffer.of(8, 1)
    )
  ]) ?? Buffer.alloc(0)

const changedField = (next: Random, field: Field): readonly Field[] => {
  const { number, type, bytes } = field
  const text = { number, type: 2, raw: Buffer.alloc(0) }
  switch (below(next, 7)) {
    case 0:
      return []
    case 1:
      return [field, field]
    case 2:
      return type === 0
        ? [{ ...field, raw: pick(next, oddVarints) ?? field.raw }]
        : [{ ...text, bytes: oddBytes(next) }]
    case 3:
      return [{ ...field, number: 1 + below(next, 40) }]
    case 4:
      return [{ number, type: 0, raw: pick(next, oddVarints) ?? Buffer.of(0) }]
    case 5:
      return [{ ...text, bytes: changedBytes(next, bytes ?? field.raw) }]
    default:
      return [field, { ...text, bytes: oddBytes(next) }]
  }
}

/** Changes one field of a message, at any depth; the lengths around it are right again. */
export const changedTree = (next: Random, bytes: Buffer): Buffer => {
  const change = (fields: readonly Field[]): readonly Field[] => {
    const at = below(next, fields.length)
    return fields.flatMap((field, i) => {
      if (i !== at) return [field]
      const { children } = field
      if (children !== undefined && children.length > 0 && next() < 0.8)
        return [{ ...field, children: change(children) }]
      return changedField(next, field)
    })
  }
  const fields = parseFields(bytes)
  return fields === undefined || fields.length === 0 ? changedBytes(next, bytes) : fieldsBytes(change(fields))
}

/** Changes bytes without regard for what they mean. */
export const changedBytes = (next: Random, bytes: Buffer): Buffer => {
  const at = below(next, bytes.length + 1)
  const to = Math.min(bytes.length, at + 1 + below(next, 20))
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)]
  switch (below(next, 6)) {
    case 0:
      return before
    case 1:
      return Buffer.concat([before, after])
    case 2:
      return Buffer.concat([before, part, part, after])
    case 3:
      return Buffer.concat([before, randomBytes(1 + below(next, 9)), part, after])
    case 4:
      return Buffer.concat([before, pick(next, oddVarints) ?? part, after])
    default:
      return Buffer.concat([before, part.map(byte => byte ^ (1 << below(next, 8))), after])
  }
}
