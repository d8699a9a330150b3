import type { DType, Issue, NdArray, ParameterValue } from '@bims/core'
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import { countOf, newElements } from '../array/elements.ts'
import type { ParameterRule } from './parameter-rule.ts'

/** What an image argument must be. */
export interface ImageRule {
  readonly dtypes: readonly DType[]
  /** Fewest and most axes. */
  readonly axes?: readonly [number, number]
  /** May be left out, or be None, or a value of the parameter of the same name. */
  readonly optional?: true
  /** May be an array of shape []. */
  readonly scalar?: true
}

/** Rules of all image arguments, by name. */
export type ImageRules = Readonly<Record<string, ImageRule>>

/** Rules of all parameters, by name. */
export type ParameterRules = Readonly<Record<string, ParameterRule<unknown>>>

/** Images as their rules let them through. */
export type Images<I extends ImageRules> = {
  readonly [K in keyof I]: I[K] extends { readonly optional: true } ? NdArray | undefined : NdArray
}

/** Parameters as their rules read them. */
export type Values<P extends ParameterRules> = {
  readonly [K in keyof P]: P[K] extends ParameterRule<infer T> ? T : never
}

const isCoherent = ({ shape, dtype, data }: NdArray): boolean =>
  shape.every(n => Number.isSafeInteger(n) && n >= 0) &&
  data.constructor === newElements(dtype, 0).constructor &&
  data.length === countOf(shape) * (dtype.startsWith('complex') ? 2 : 1)

const imageProblem = (image: NdArray, rule: ImageRule): string | undefined => {
  if (!isCoherent(image)) return 'is not an array: its shape, type and data disagree'
  if (!rule.dtypes.includes(image.dtype)) return `has the type ${image.dtype}; taken are ${rule.dtypes.join(', ')}`
  if (image.shape.length === 0 && rule.scalar === true) return undefined
  const [least, most] = rule.axes ?? [1, 32]
  const axes = image.shape.length
  if (axes < least || axes > most)
    return `has ${axes} axes; taken are ${least === most ? least : `${least} to ${most}`}`
  return countOf(image.shape) === 0 ? 'is empty' : undefined
}

const checkImages = (rules: ImageRules, inputs: Readonly<Record<string, NdArray>>): readonly Issue[] => {
  const issues: Issue[] = []
  for (const [name, rule] of Object.entries(rules)) {
    const image = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    const problem =
      image === undefined ? (rule.optional === true ? undefined : 'is missing') : imageProblem(image, rule)
    if (problem !== undefined) issues.push({ at: name, what: problem })
  }
  for (const name of Object.keys(inputs))
    if (!Object.hasOwn(rules, name)) issues.push({ at: name, what: 'is not an image argument' })
  return issues
}

const parseValue = (
  rule: ParameterRule<unknown>,
  given: ParameterValue | undefined,
  standsAsImage: boolean
): Either<string, unknown> => {
  if (standsAsImage) return given === undefined ? right(null) : left('is given twice, as an array and as a value')
  const value = given === undefined ? rule.default : given
  return value === undefined ? left('is missing') : rule.parse(value)
}

const parseValues = (
  rules: ParameterRules,
  inputs: Readonly<Record<string, NdArray>>,
  parameters: Readonly<Record<string, ParameterValue>>
): { readonly issues: readonly Issue[]; readonly values: Readonly<Record<string, unknown>> } => {
  const issues: Issue[] = []
  const values: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries(rules)) {
    const given = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    const parsed = parseValue(rule, given, Object.hasOwn(inputs, name))
    if (isLeft(parsed)) issues.push({ at: name, what: parsed.left })
    else values[name] = parsed.right
  }
  for (const name of Object.keys(parameters))
    if (!Object.hasOwn(rules, name)) issues.push({ at: name, what: 'is not a parameter' })
  return { issues, values }
}

/** Arguments that all their rules have let through. */
export interface Arguments<I extends ImageRules, P extends ParameterRules> {
  readonly images: Images<I>
  readonly values: Values<P>
}

/** Checks and reads all arguments of a call; on the left all that is wrong with them. */
export const parseArguments = <I extends ImageRules, P extends ParameterRules>(
  rules: { readonly images: I; readonly parameters: P },
  inputs: Readonly<Record<string, NdArray>>,
  parameters: Readonly<Record<string, ParameterValue>>
): Either<readonly Issue[], Arguments<I, P>> => {
  const parsed = parseValues(rules.parameters, inputs, parameters)
  const issues = [...checkImages(rules.images, inputs), ...parsed.issues]
  // Every rule has been applied to every name: the records have the shape that the rules promise.
  return issues.length > 0 ? left(issues) : right({ images: inputs as Images<I>, values: parsed.values as Values<P> })
}
