import { fromBase64, type JsonObject, type JsonValue } from '@bims/core'

/** Signs that could hide what a line says, or end it: controls, line separators, bidirectional marks. */
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

const escapeHidden = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Text as it stands within a Python string of either quote; a new line becomes an escape unless it is kept. */
export const escapeText = (text: string, quote: "'" | '"', keepLines: boolean): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(hidden, character =>
      character === '\n' ? (keepLines ? '\n' : '\\n') : character === '\t' ? '\\t' : escapeHidden(character)
    )

const loneSurrogate = /\p{Surrogate}/u

/** A string as Python literal; undefined where it holds a lone surrogate. */
export const printString = (text: string): string | undefined =>
  loneSurrogate.test(text) ? undefined : `'${escapeText(text, "'", false)}'`

const printNumber = (value: number, floating: boolean): string => {
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return String(value)
  // Integers beyond 2^53 are values of their own kind; a number of that size is a float.
  return floating || !Number.isSafeInteger(value) ? `${BigInt(value)}.0` : String(value)
}

const specialFloats: Readonly<Record<string, string>> = {
  NaN: "float('nan')",
  Infinity: "float('inf')",
  '-Infinity': "-float('inf')",
  '-0': '-0.0'
}

const printComplex = (text: string): string | undefined => {
  const [re = Number.NaN, im = Number.NaN] = text.split(',').map(Number)
  if (!Number.isFinite(re) || !Number.isFinite(im) || Object.is(re, -0) || Object.is(im, -0)) return undefined
  return `${printNumber(re, true)}${im < 0 ? '-' : '+'}${Math.abs(im)}j`
}

const printBytes = (text: string): string | undefined => {
  const bytes = fromBase64(text)
  return bytes === undefined
    ? undefined
    : `b'${Array.from(bytes, byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`
}

const printTyped = ({ $type: type, text, charset }: JsonObject): string | undefined => {
  if (typeof text !== 'string' || charset !== undefined) return undefined
  if (type === 'float64') return specialFloats[text]
  if (type === 'complex128') return printComplex(text)
  if (type === 'bytes') return printBytes(text)
  return (type === 'int64' || type === 'uint64') && /^-?\d{1,20}$/.test(text) ? text : undefined
}

const printObject = (value: JsonObject, type: string): string | undefined => {
  if (value['$type'] !== undefined) return printTyped(value)
  const members = Object.entries(value).flatMap(([name, item]) =>
    item === undefined ? [] : [[printString(name), printLiteral(item, type), name] as const]
  )
  if (
    members.some(
      ([name, item, plain]) =>
        name === undefined || item === undefined || plain.startsWith('$') || plain === '__proto__'
    )
  )
    return undefined
  return `{${members.map(([name, item]) => `${name}: ${item}`).join(', ')}}`
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)

const printList = (value: readonly JsonValue[], type: string): string | undefined => {
  const items = value.map(item => printLiteral(item, type))
  if (items.includes(undefined)) return undefined
  if (!type.startsWith('tuple')) return `[${items.join(', ')}]`
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`
}

/**
 * A value as Python literal. The type decides what JSON leaves open: `float` in it makes whole numbers floats, `tuple`
 * at its start makes arrays tuples. Undefined for withheld values and others that no literal stands for.
 */
export const printLiteral = (value: JsonValue, type: string): string | undefined => {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : printNumber(value, /\bfloat\b/.test(type))
  if (typeof value === 'string') return printString(value)
  return isList(value) ? printList(value, type) : printObject(value, type)
}

const keywords: ReadonlySet<string> = new Set([
  'False',
  'None',
  'True',
  'and',
  'as',
  'assert',
  'async',
  'await',
  'break',
  'class',
  'continue',
  'def',
  'del',
  'elif',
  'else',
  'except',
  'finally',
  'for',
  'from',
  'global',
  'if',
  'import',
  'in',
  'is',
  'lambda',
  'nonlocal',
  'not',
  'or',
  'pass',
  'raise',
  'return',
  'try',
  'while',
  'with',
  'yield'
])

/** Whether a text is a plain Python name: ASCII letters, digits and underscores, no keyword. */
export const isPythonName = (text: string): boolean => /^[A-Za-z_]\w{0,99}$/.test(text) && !keywords.has(text)

/** Whether a text is a dotted path of plain names. */
export const isPythonPath = (text: string): boolean => text.length <= 300 && text.split('.').every(isPythonName)
