import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesField, varint } from '../../wire/write.ts'
import type { ChainPiece } from '../source.ts'

const namePattern = /^blockfile_(\d{6})$/

/** The block files of a real peer among the names of a folder, in order. */
export const peerBlockFiles = (names: readonly string[]): readonly string[] =>
  names.filter(name => namePattern.test(name)).sort()

/** Reads lengths and strings of bytes one after another; `undefined` behind the end. */
interface Tape {
  readonly bytes: Buffer
  at: number
}

const takeNumber = (tape: Tape): number | undefined => {
  let [value, scale] = [0, 1]
  for (let n = 0; n < 8; n++) {
    const byte = tape.bytes[tape.at]
    if (byte === undefined) return undefined
    tape.at += 1
    value += (byte & 127) * scale
    if (byte < 128) return value
    scale *= 128
  }
  return undefined
}

const takeBytes = (tape: Tape): Buffer | undefined => {
  const length = takeNumber(tape)
  if (length === undefined || tape.at + length > tape.bytes.length) return undefined
  tape.at += length
  return tape.bytes.subarray(tape.at - length, tape.at)
}

const takeList = (tape: Tape): readonly Buffer[] | undefined => {
  const count = takeNumber(tape)
  if (count === undefined) return undefined
  const items: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const item = takeBytes(tape)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

const optional = (field: number, value: Buffer): readonly Buffer[] =>
  value.length === 0 ? [] : [bytesField(field, value)]

/** A block from the form in which a peer stores it, as a serialized `common.Block`; undefined where it is none. */
const blockOf = (stored: Buffer): Buffer | undefined => {
  const tape: Tape = { bytes: stored, at: 0 }
  const number = takeNumber(tape)
  const dataHash = takeBytes(tape)
  const previousHash = takeBytes(tape)
  const data = takeList(tape)
  const metadata = takeList(tape)
  if (number === undefined || dataHash === undefined || previousHash === undefined) return undefined
  if (data === undefined || metadata === undefined || tape.at !== stored.length) return undefined
  const head = number === 0 ? [] : [Buffer.from([8]), varint(number)]
  const header = Buffer.concat([...head, ...optional(2, previousHash), ...optional(3, dataHash)])
  const list = (items: readonly Buffer[]): Buffer => Buffer.concat(items.map(item => bytesField(1, item)))
  return Buffer.concat([bytesField(1, header), bytesField(2, list(data)), bytesField(3, list(metadata))])
}

interface Walk {
  /** Number of the next block. */
  next: number
}

function* walkFile(name: string, bytes: Buffer, walk: Walk, last: boolean): Generator<ChainPiece> {
  const tape: Tape = { bytes, at: 0 }
  while (tape.at < bytes.length) {
    const from = tape.at
    const stored = takeBytes(tape)
    if (stored === undefined) {
      const rest = `${bytes.length - from} bytes at byte ${from} of ${name}`
      yield last
        ? { _tag: 'Unfinished', number: walk.next, what: rest }
        : { _tag: 'Damaged', number: walk.next, what: `${rest} are no block` }
      return
    }
    const block = blockOf(stored)
    yield block === undefined
      ? { _tag: 'Damaged', number: walk.next, what: `${name} at byte ${from}: what stands there is no block` }
      : { _tag: 'Block', bytes: block }
    walk.next += 1
  }
}

/** The blocks in the block files of a real peer; one file is in memory at a time. Nothing in these files is checksummed. */
export async function* peerBlocks(dir: string, names: readonly string[]): AsyncGenerator<ChainPiece> {
  const files = peerBlockFiles(names)
  const walk: Walk = { next: 0 }
  for (const [i, name] of files.entries())
    yield* walkFile(name, await readFile(join(dir, name)), walk, i === files.length - 1)
}
