import {
  AcquisitionCodec,
  InstrumentCodec,
  checkValue,
  isJsonObject,
  toJson,
  type BimsError,
  type JsonValue,
  type OpenContainer
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { expect } from 'vitest'
import { assembleAcquisitions, readInstruments, type AssembledAcquisition } from '../../src/instruments/index.ts'

/** The right side, or the test fails with the error. */
export const right = async <A>(task: TaskEither<BimsError, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Error(`${result.left.code}: ${result.left.what}`)
  return result.right
}

/** Reads and assembles what a container holds. */
export const assembled = async (container: OpenContainer): Promise<readonly AssembledAcquisition[]> =>
  assembleAcquisitions(container, await right(readInstruments(container)))

/** The value at a JSON pointer, where `/instrument` leads into the instrument. */
export const valueAt = (acquisition: AssembledAcquisition, pointer: string): JsonValue | undefined => {
  const document = toJson({
    ...acquisition.acquisition,
    ...(acquisition.instrument === undefined ? {} : { instrument: acquisition.instrument })
  })
  let node: JsonValue | undefined = document
  for (const token of pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (Array.isArray(node)) node = node[Number(token)]
    else if (isJsonObject(node)) node = Object.hasOwn(node, token) ? node[token] : undefined
    else return undefined
  }
  return node
}

/** What holds for every assembled acquisition, whatever it was read from. */
export const expectSound = (acquisition: AssembledAcquisition): void => {
  const record = { schema: 'bims.acquisition/1', ...acquisition.acquisition, mapping: acquisition.mapping }
  expect(E.isRight(AcquisitionCodec.decode(record))).toBe(true)
  expect(E.isRight(checkValue(toJson(record)))).toBe(true)
  if (acquisition.instrument !== undefined)
    expect(E.isRight(InstrumentCodec.decode({ schema: 'bims.instrument/1', ...acquisition.instrument }))).toBe(true)
  const entries = acquisition.native.reduce((sum, text) => sum + text.entries.length, 0)
  for (const [ordinal, pointer] of acquisition.mapping) {
    if (
      !(ordinal >= 0 && ordinal < entries) ||
      valueAt(acquisition, pointer) === undefined ||
      valueAt(acquisition, pointer) === null
    ) {
      expect.fail(`entry ${ordinal} is mapped to ${pointer}, where nothing stands`)
    }
  }
  for (const pointer of acquisition.personal) expect(valueAt(acquisition, pointer), pointer).toBeDefined()
}

/** The pointers that took the value of the first entry with a key. */
export const pointersOf = (acquisition: AssembledAcquisition, key: string): readonly string[] => {
  const ordinal = acquisition.native.flatMap(text => text.entries).findIndex(entry => entry.key === key)
  return acquisition.mapping.filter(([n]) => n === ordinal).map(([, pointer]) => pointer)
}
