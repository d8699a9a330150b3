import { fromFloat64, fromInteger, isJsonObject, type JsonValue, toBase64 } from '@bims/core'

/** A Python literal: its value and its type as Python spells it. */
export interface Literal {
  readonly value: JsonValue
  /** `int`, `float`, `complex`, `str`, `bytes`, `bool`, `None`, `tuple`, `list`, `dict`, `dtype`; `tuple of float`, `list of float`. */
  readonly type: string
}

const integerText = /^(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[\d_]+)$/
const lowest = -(2n ** 63n)
const highest = 2n ** 64n - 1n

/** Reads an integer literal of at most 64 bits; undefined where it is larger. */
export const parseInteger = (text: string): Literal | undefined => {
  if (text.length > 80 || !integerText.test(text)) return undefined
  const value = BigInt(text.replaceAll('_', '').replace(/^0+(?=\d)/, ''))
  return value > highest ? undefined : { value: fromInteger(value), type: 'int' }
}

const floatText = /^(?:\d[\d_]*)?(?:\.[\d_]*)?(?:[eE][+-]?[\d_]+)?$/

/** Reads a float literal, or an imaginary one with its `j`. */
export const parseFloatLiteral = (text: string): Literal | undefined => {
  const imaginary = /[jJ]$/.test(text)
  const digits = (imaginary ? text.slice(0, -1) : text).replaceAll('_', '')
  if (digits === '' || text.length > 400 || !floatText.test(digits)) return undefined
  const value = Number(digits)
  if (!imaginary) return { value: fromFloat64(value), type: 'float' }
  return { value: { $type: 'complex128', text: `0,${value}` }, type: 'complex' }
}

const negativeText = (text: string): string =>
  text.startsWith('-') ? text.slice(1) : text === 'NaN' ? text : `-${text}`

/** The text of a typed value such as `{"$type": "int64", "text"}`. */
export const typedText = (value: JsonValue): string | undefined => {
  const text = isJsonObject(value) ? value['text'] : undefined
  return typeof text === 'string' ? text : undefined
}

const negateInteger = (value: JsonValue): Literal | undefined => {
  const text = typeof value === 'number' ? String(value) : typedText(value)
  if (text === undefined) return undefined
  const negative = -BigInt(text)
  return negative < lowest || negative > highest ? undefined : { value: fromInteger(negative), type: 'int' }
}

const negateFloat = (value: JsonValue): Literal | undefined => {
  const text = typeof value === 'number' ? String(-value) : typedText(value)
  if (text === undefined) return undefined
  const negative = typeof value === 'number' ? -value : Number(negativeText(text))
  return { value: fromFloat64(negative), type: 'float' }
}

const negateComplex = (value: JsonValue): Literal | undefined => {
  const text = typedText(value)
  return text === undefined
    ? undefined
    : { value: { $type: 'complex128', text: text.split(',').map(negativeText).join(',') }, type: 'complex' }
}

/** The negative of a number; undefined for anything else. */
export const negate = ({ value, type }: Literal): Literal | undefined => {
  if (type === 'int') return negateInteger(value)
  if (type === 'float') return negateFloat(value)
  return type === 'complex' ? negateComplex(value) : undefined
}

const simpleEscapes: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v'
}

const escape = /\\(?:\r\n|([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|N\{[^}]*\}|([\s\S]))/gu

const loneSurrogate = /\p{Surrogate}/u

const unknownCharacter = '\uFFFF\uFFFE'

const decodeEscape = (
  whole: string,
  octal?: string,
  hex?: string,
  short?: string,
  long?: string,
  single?: string
): string => {
  if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
  const code = hex ?? short ?? long
  if (code !== undefined) {
    const point = Number.parseInt(code, 16)
    return point > 0x10ffff ? unknownCharacter : String.fromCodePoint(point)
  }
  if (single === undefined) return whole.startsWith('\\N') ? unknownCharacter : ''
  return simpleEscapes[single] ?? whole
}

const stringText = /^([a-zA-Z]*)("""|'''|"|')([\s\S]*)\2$/u

const bytesOf = (text: string): JsonValue | undefined => {
  const bytes = Uint8Array.from(text, character => character.codePointAt(0) ?? 0)
  return [...text].some(character => (character.codePointAt(0) ?? 0) > 255)
    ? undefined
    : { $type: 'bytes', text: toBase64(bytes) }
}

/** Reads one string or bytes literal; undefined for f-strings, named characters and lone surrogates. */
export const parseString = (source: string): Literal | undefined => {
  const match = stringText.exec(source)
  if (match === null) return undefined
  const prefix = (match[1] ?? '').toLowerCase()
  if (/[^rbu]/.test(prefix)) return undefined
  const body = match[3] ?? ''
  const text = prefix.includes('r') ? body : body.replace(escape, decodeEscape)
  if (text.includes(unknownCharacter) || loneSurrogate.test(text)) return undefined
  if (!prefix.includes('b')) return { value: text, type: 'str' }
  const bytes = bytesOf(text)
  return bytes === undefined ? undefined : { value: bytes, type: 'bytes' }
}

/** Joins literals that stand side by side, as Python does with strings. */
export const joinStrings = (parts: readonly Literal[]): Literal | undefined => {
  const texts = parts.flatMap(({ type, value }) => (type === 'str' && typeof value === 'string' ? [value] : []))
  return texts.length === parts.length ? { value: texts.join(''), type: 'str' } : undefined
}

const isFloating = (item: Literal): boolean => item.type === 'float' || item.type.endsWith(' of float')

/** A tuple or list of literals; its type says `of float` where a number in it is a float. */
export const newSequence = (kind: 'tuple' | 'list', items: readonly Literal[]): Literal => ({
  value: items.map(item => item.value),
  type: items.some(isFloating) ? `${kind} of float` : kind
})

/** A dict with string keys; undefined with any other key, a repeated one or one that records reserve. */
export const newDict = (entries: readonly (readonly [Literal, Literal])[]): Literal | undefined => {
  const members = new Map<string, JsonValue>()
  for (const [key, item] of entries) {
    if (typeof key.value !== 'string' || key.type !== 'str' || key.value.startsWith('$')) return undefined
    if (key.value === '__proto__') return undefined
    members.set(key.value, item.value)
  }
  const floating = entries.some(([, item]) => isFloating(item))
  return { value: Object.fromEntries(members), type: floating ? 'dict of float' : 'dict' }
}
