// Type tests: compiled by the gate `types`, never run. An `@ts-expect-error` without an error fails as well.
import { ok } from 'node:assert'
import {
  type Acquisition,
  type BimsError,
  type BimsErrorCode,
  type DType,
  type errorCodes,
  isBimsError,
  type JsonValue,
  type Manifest,
  type NdArray,
  newError,
  type newQuantity,
  type nm,
  type parseCanonical,
  type Quantity
} from '@bims/core'
import type { Either } from 'fp-ts/lib/Either.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(is: Same<A, B>): void => ok(is)

// Errors: the codes are a closed union, and the guard narrows what was caught.
same<BimsErrorCode, keyof typeof errorCodes>(true)
same<ReturnType<typeof newError>, BimsError>(true)
// @ts-expect-error a code that does not exist
newError('no-such-code', 'what', 'advice')
const caught: unknown = JSON.parse('{}')
if (isBimsError(caught)) same<typeof caught, BimsError>(true)
declare const error: BimsError
// @ts-expect-error errors are values that nobody changes
error.code = 'usage'

// Results are Eithers whose left side is a BimsError.
same<ReturnType<typeof parseCanonical>, Either<BimsError, JsonValue>>(true)
same<ReturnType<typeof newQuantity>, Either<BimsError, Quantity>>(true)
same<ReturnType<typeof nm>, Quantity>(true)

// JSON values hold neither bigint nor Date.
// @ts-expect-error a bigint is written as {"$type": "int64", …}
export const noBigint: JsonValue = [1n]
// @ts-expect-error a date is text, RFC 3339
export const noDate: JsonValue = { created: new Date() }

// Schemas are literal, so that a record cannot be taken for another one.
same<Acquisition['schema'], 'bims.acquisition/1'>(true)
same<Manifest['schema'], 'bims.manifest/1'>(true)
// @ts-expect-error another major version
export const wrongSchema: Manifest['schema'] = 'bims.manifest/2'

// Arrays: dtype as NumPy names it.
same<NdArray['dtype'], DType>(true)
// @ts-expect-error NumPy has no such type
export const noSuchDtype: DType = 'uint24'
