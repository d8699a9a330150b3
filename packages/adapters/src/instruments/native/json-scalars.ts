import { newError, type BimsError, type NativeEntry } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { mostEntries } from './key-lines.ts'

/** One scalar of a JSON text. */
export interface JsonScalar extends NativeEntry {
  /** Names and indices that lead to it. */
  readonly path: readonly string[]
  /** The value as JSON reads it. */
  readonly parsed: string | number | boolean | null
}

/** The scalars of a JSON text, repeats of a name kept, numbers verbatim. */
export interface JsonScalars {
  readonly scalars: readonly JsonScalar[]
  /** The text ends before its last bracket is closed. */
  readonly truncated: boolean
}

const deepest = 64
const token =
  /[\s]*(?:([[\]{}:,])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y

interface Level {
  readonly kind: '{' | '['
  /** Name or index of the member at hand. */
  name: string
  index: number
  /** What may come next. */
  expect: 'first' | 'name' | 'colon' | 'value' | 'next'
}

interface Scan {
  readonly levels: Level[]
  readonly scalars: JsonScalar[]
  rootDone: boolean
}

const accept = (scan: Scan): boolean => {
  const level = scan.levels.at(-1)
  if (level === undefined) return !scan.rootDone
  return level.expect === 'value' || (level.kind === '[' && level.expect === 'first')
}

const done = (scan: Scan): void => {
  const level = scan.levels.at(-1)
  if (level === undefined) scan.rootDone = true
  else level.expect = 'next'
}

const open = (scan: Scan, kind: '{' | '['): boolean => {
  if (!accept(scan) || scan.levels.length >= deepest) return false
  scan.levels.push({ kind, name: '0', index: 0, expect: 'first' })
  return true
}

const close = (scan: Scan, kind: '{' | '['): boolean => {
  const level = scan.levels.at(-1)
  if (level === undefined || level.kind !== kind || (level.expect !== 'first' && level.expect !== 'next')) return false
  scan.levels.pop()
  done(scan)
  return true
}

const comma = (scan: Scan): boolean => {
  const level = scan.levels.at(-1)
  if (level === undefined || level.expect !== 'next') return false
  level.index++
  level.name = String(level.index)
  level.expect = level.kind === '[' ? 'value' : 'name'
  return true
}

const colon = (scan: Scan): boolean => {
  const level = scan.levels.at(-1)
  if (level === undefined || level.expect !== 'colon') return false
  level.expect = 'value'
  return true
}

const punctuation = (scan: Scan, mark: string): boolean => {
  if (mark === '{' || mark === '[') return open(scan, mark)
  if (mark === '}') return close(scan, '{')
  if (mark === ']') return close(scan, '[')
  return mark === ',' ? comma(scan) : colon(scan)
}

/** Strings are unescaped by JSON.parse; the scanner has checked their form. */
const unquote = (text: string): string => String(JSON.parse(text))

const scalarOf = (text: string, isText: boolean): string | number | boolean | null => {
  if (isText) return unquote(text)
  if (text === 'null') return null
  return text === 'true' || (text === 'false' ? false : Number(text))
}

const word = (scan: Scan, text: string, isText: boolean): boolean => {
  const level = scan.levels.at(-1)
  if (level !== undefined && level.kind === '{' && (level.expect === 'first' || level.expect === 'name')) {
    if (!isText) return false
    level.name = unquote(text)
    level.expect = 'colon'
    return true
  }
  if (!accept(scan)) return false
  const path = scan.levels.map(({ name }) => name)
  const parsed = scalarOf(text, isText)
  scan.scalars.push({ key: path.join('/'), value: isText ? String(parsed) : text, path, parsed })
  done(scan)
  return true
}

/** Takes one token: punctuation, or a string, number or literal. */
const take = (scan: Scan, [, mark, quoted, number, literal]: RegExpExecArray): boolean =>
  mark !== undefined ? punctuation(scan, mark) : word(scan, quoted ?? number ?? literal ?? '', quoted !== undefined)

const malformed = (at: number): E.Either<BimsError, never> =>
  E.left(
    newError(
      'native-malformed',
      `The native JSON cannot be read at character ${at}.`,
      'The block is kept as it is; look at it with the program that wrote it.'
    )
  )

/** Whether the text from here on is a token that was cut off, and not a wrong one. */
const isCutOff = (rest: string): boolean =>
  /^\s*(?:$|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*\\?(?:u[0-9a-fA-F]{0,3})?$|-$|t(?:r|ru)?$|f(?:a|al|als)?$|n(?:u|ul)?$)/.test(
    rest
  )

/** What may stand behind a number that was cut off: `2.`, `2e`, `2.5E+`. */
const cutNumber = /^(?:\.|(?:\.\d+)?[eE][+-]?)?$/

/** A text whose end is missing: a number that touches the end may be the beginning of another one and is left out. */
const truncatedScan = (scan: Scan, rest: string, lastIsNumber: boolean): JsonScalars | undefined => {
  if (scan.levels.length === 0) return undefined
  if (lastIsNumber && cutNumber.test(rest)) return { scalars: scan.scalars.slice(0, -1), truncated: true }
  return isCutOff(rest) ? { scalars: scan.scalars, truncated: true } : undefined
}

/**
 * Reads JSON to its scalars (strings, numbers, true, false, null) in order. Unlike JSON.parse it keeps repeated names
 * and the text of numbers, and reads what is there of a text whose end is missing. At most 64 levels deep.
 * Fails with `native-malformed`.
 */
export const parseJsonScalars = (text: string): E.Either<BimsError, JsonScalars> => {
  const scan: Scan = { levels: [], scalars: [], rootDone: false }
  let at = 0
  let lastIsNumber = false
  while (at < text.length) {
    token.lastIndex = at
    const match = token.exec(text)
    if (match === null) break
    if (!take(scan, match) || scan.scalars.length > mostEntries) return malformed(at)
    at += match[0].length
    lastIsNumber = match[3] !== undefined
  }
  const rest = text.slice(at)
  if (scan.rootDone && rest.trim() === '') return E.right({ scalars: scan.scalars, truncated: false })
  const truncated = truncatedScan(scan, rest, lastIsNumber)
  return truncated === undefined ? malformed(at) : E.right(truncated)
}
