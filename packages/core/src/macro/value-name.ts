/** Kinds of values besides pixels; a value without a kind is an image. */
export const valueKinds = [
  'roi',
  'display',
  'calibration',
  'table',
  'active',
  'preference',
  'random',
  'file',
  'number',
  'state'
] as const

/** Kind of a value. */
export type ValueKind = 'image' | (typeof valueKinds)[number]

/**
 * A versioned value name taken apart: `cells@2` is version 2 of the image `cells` (`cells@0` is the input),
 * `display:cells@1` its display range.
 */
export interface ValueName {
  readonly kind: ValueKind
  /** Name within its kind. */
  readonly name: string
  readonly version: number
}

const pattern = /^(?:([a-z]+):)?(.+)@(0|[1-9]\d*)$/su

/** Takes a versioned name apart; undefined where it is none. */
export const parseValueName = (text: string): ValueName | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, kind, name = '', version] = match
  const known = kind === undefined ? 'image' : valueKinds.find(candidate => candidate === kind)
  return known === undefined || !Number.isSafeInteger(Number(version))
    ? undefined
    : { kind: known, name, version: Number(version) }
}

/** Puts a versioned name together. */
export const formatValueName = ({ kind, name, version }: ValueName): string =>
  `${kind === 'image' ? '' : `${kind}:`}${name}@${version}`
