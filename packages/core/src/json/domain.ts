import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError, type Issue } from '../errors.ts'
import { fromBase64 } from './bytes.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './value.ts'

const loneSurrogate = /\p{Surrogate}/u
const decimal = /^(?:0|-?[1-9]\d*)$/

const inRange = (text: string, low: bigint, high: bigint): boolean =>
  decimal.test(text) && text.length <= 20 && BigInt(text) >= low && BigInt(text) <= high

const isFloat64Text = (text: string): boolean => /^(?:NaN|-?Infinity|-0)$/.test(text)
const isFloatText = (text: string): boolean => isFloat64Text(text) || (text !== '' && String(Number(text)) === text)

/** The typed values `{"$type", "text"}` and what their texts look like. */
const typedTexts: Readonly<Record<string, (text: string) => boolean>> = {
  int64: text => inRange(text, -(2n ** 63n), 2n ** 63n - 1n),
  uint64: text => inRange(text, 0n, 2n ** 64n - 1n),
  float64: isFloat64Text,
  complex128: text => {
    const parts = text.split(',')
    return parts.length === 2 && parts.every(isFloatText)
  },
  bytes: text => fromBase64(text) !== undefined
}

const typedProblem = (value: JsonObject): string | undefined => {
  const { $type: type, text, charset } = value
  const known = typeof type === 'string' && Object.hasOwn(typedTexts, type) ? typedTexts[type] : undefined
  if (known === undefined) return `unknown $type ${JSON.stringify(type)}`
  if (typeof text !== 'string' || !known(text)) return `its text is not of its $type`
  if (charset !== undefined && (type !== 'bytes' || typeof charset !== 'string'))
    return 'charset belongs to bytes and is a string'
  const extra = Object.keys(value).filter(name => name.startsWith('$') && name !== '$type')
  return extra.length > 0 ? `reserved member name ${extra[0]}` : undefined
}

const withheldProblem = (value: JsonObject): string | undefined =>
  Object.keys(value).length === 1 &&
  typeof value['$withheld'] === 'string' &&
  /^sha256:[0-9a-f]{64}$/.test(value['$withheld'])
    ? undefined
    : 'a withheld value has the one member $withheld, sha256: and 64 hex digits'

const objectProblem = (value: JsonObject): string | undefined => {
  if (value['$type'] !== undefined) return typedProblem(value)
  if (value['$withheld'] !== undefined) return withheldProblem(value)
  const reserved = Object.keys(value).find(name => name.startsWith('$'))
  return reserved === undefined ? undefined : `reserved member name ${reserved}`
}

/** Objects of classes (dates, typed arrays) have a canonical form that is not theirs to read back. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const scalarProblem = (value: unknown): string | undefined => {
  if (typeof value === 'string') return loneSurrogate.test(value) ? 'lone surrogate' : undefined
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'not a finite number'
    return Object.is(value, -0) ? 'a negative zero is written {"$type": "float64", "text": "-0"}' : undefined
  }
  return value === null || typeof value === 'boolean' ? undefined : `not a JSON value (${typeof value})`
}

const isQuickObject = (node: JsonObject, depth: number): boolean => {
  let before: string | undefined
  let isReserved = false
  for (const name of Object.keys(node)) {
    if (before !== undefined && before >= name) return false
    before = name
    isReserved ||= name.charCodeAt(0) === 0x24
    if (!isOrdered(node[name], depth + 1)) return false
  }
  return !isReserved || objectProblem(node) === undefined
}

/**
 * A quick look at what JSON.parse made of a text without escaped surrogates: true where all members stand in canonical order (UTF-16
 * code units) and names that begin with `$` are those of typed and withheld values. False where not, or where only
 * {@link checkValue} can tell. Numbers and texts are not looked at.
 */
export const isOrdered = (node: JsonValue | undefined, depth = 0): boolean => {
  if (typeof node !== 'object' || node === null) return node !== undefined
  if (depth > mostDepth) return false
  if (!isJsonArray(node)) return isJsonObject(node) && isQuickObject(node, depth)
  for (const child of node) if (!isOrdered(child, depth + 1)) return false
  return true
}

const mostIssues = 100

/** Deepest nesting of a value: that of a record. */
const mostDepth = 72

/**
 * Checks that a value lies in the value domain: finite numbers, no lone surrogates, names that start with `$` only
 * as `{"$type", "text"}` (int64, uint64, float64, complex128, bytes) and `{"$withheld"}`; plain arrays and objects.
 * Fails with `json-value`, all places in `issues` (the first hundred).
 */
export const checkValue = (value: JsonValue): E.Either<BimsError, JsonValue> => {
  const issues: Issue[] = []
  const report = (at: string, what: string): void => {
    if (issues.length < mostIssues) issues.push({ at: at === '' ? '/' : at, what })
  }
  const visitObject = (node: JsonObject, at: string, depth: number): void => {
    const problem = isPlain(node) ? objectProblem(node) : 'not a plain object'
    if (problem !== undefined) report(at, problem)
    for (const [name, child] of Object.entries(node)) {
      const path = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (loneSurrogate.test(name)) report(path, 'lone surrogate in a name')
      if (child !== undefined) visit(child, path, depth)
    }
  }
  const visit = (node: JsonValue | undefined, at: string, depth: number): void => {
    if (issues.length >= mostIssues) return
    if (depth > mostDepth) return report(at, `nested deeper than ${mostDepth} levels`)
    // Array.from fills the holes of an array, which have no canonical form either.
    if (Array.isArray(node))
      return Array.from<JsonValue | undefined>(node).forEach((child, i) => visit(child, `${at}/${i}`, depth + 1))
    if (isJsonObject(node)) return visitObject(node, at, depth + 1)
    const problem = scalarProblem(node)
    if (problem !== undefined) report(at, problem)
  }
  visit(value, '', 0)
  return issues.length === 0
    ? E.right(value)
    : E.left(
        newError(
          'json-value',
          `The value lies outside the value domain at ${issues[0]?.at}: ${issues[0]?.what}.`,
          'See docs/spec/values.md.',
          { issues }
        )
      )
}
