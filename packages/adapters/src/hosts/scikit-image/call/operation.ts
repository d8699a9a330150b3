import { type BimsError, type DType, type Issue, type NdArray, newError, type Operation, type OperationParameter, type ParameterValue } from '@bims/core'
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import { countOf, newElements } from '../array/elements.ts'
import type { ParameterRule } from './parameter-rule.ts'
import { fail, type Refusal } from './refusal.ts'

/** Versions whose meaning the operations have. */
export const toolVersions = { 'scikit-image': '0.26.0', numpy: '2.4.6' } as const

/** Most elements that a result may have. */
export const maxElements = 2 ** 31

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

type ImageRules = Readonly<Record<string, ImageRule>>
type ParameterRules = Readonly<Record<string, ParameterRule<unknown>>>
type Images<I extends ImageRules> = { readonly [K in keyof I]: I[K] extends { readonly optional: true } ? NdArray | undefined : NdArray }
type Values<P extends ParameterRules> = { readonly [K in keyof P]: P[K] extends ParameterRule<infer T> ? T : never }

/** An operation as its file states it. */
export interface OperationStatement<I extends ImageRules, P extends ParameterRules> {
  readonly id: string
  readonly name: string
  readonly tool: keyof typeof toolVersions
  readonly doc: string
  /** All arguments in the order of the Python signature. */
  readonly signature: readonly string[]
  readonly images: I
  readonly parameters: P
  readonly compute: (images: Images<I>, values: Values<P>) => Either<Refusal, NdArray>
}

const parameterOf = (name: string, rule: ParameterRule<unknown>): OperationParameter => ({
  name,
  type: rule.type,
  doc: rule.doc,
  ...(rule.default === undefined ? {} : { default: rule.default }),
  ...(rule.unit === undefined ? {} : { unit: rule.unit })
})

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
  if (axes < least || axes > most) return `has ${axes} axes; taken are ${least === most ? least : `${least} to ${most}`}`
  return countOf(image.shape) === 0 ? 'is empty' : undefined
}

const checkImages = (rules: ImageRules, inputs: Readonly<Record<string, NdArray>>): readonly Issue[] => {
  const issues: Issue[] = []
  for (const [name, rule] of Object.entries(rules)) {
    const image = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    const problem = image === undefined ? (rule.optional === true ? undefined : 'is missing') : imageProblem(image, rule)
    if (problem !== undefined) issues.push({ at: name, what: problem })
  }
  for (const name of Object.keys(inputs)) if (!Object.hasOwn(rules, name)) issues.push({ at: name, what: 'is not an image argument' })
  return issues
}

const parseValue = (
  rule: ParameterRule<unknown>, given: ParameterValue | undefined, standsAsImage: boolean
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
  for (const name of Object.keys(parameters)) if (!Object.hasOwn(rules, name)) issues.push({ at: name, what: 'is not a parameter' })
  return { issues, values }
}

const misuse = (id: string, issues: readonly Issue[]): BimsError =>
  newError(
    'operation-parameters',
    `${id} cannot be called so: ${issues.map(issue => `${issue.at} ${issue.what}`).join('; ')}.`,
    'Call it as its table in docs/operations.md says.',
    { issues }
  )

const toError = (id: string, refusal: Refusal): BimsError =>
  refusal.code === 'operation-parameters'
    ? misuse(id, [refusal])
    : newError('operation-failed', `${id} failed: ${refusal.at} ${refusal.what}.`, 'Give it input that it can work on.', {
        issues: [{ at: refusal.at, what: refusal.what }]
      })

/** The one place where the engine's own exceptions, above all a failed allocation, become errors. */
const guard = (compute: () => Either<Refusal, NdArray>): Either<Refusal, NdArray> => {
  try {
    return compute()
  } catch (error) {
    if (error instanceof RangeError) return fail('return', 'does not fit into memory')
    throw error
  }
}

/** Makes an {@link Operation} of its statement: checks all arguments before it computes. */
export const newOperation = <const I extends ImageRules, const P extends ParameterRules>(
  statement: OperationStatement<I, P>
): Operation => {
  const { id, name, tool, doc, signature } = statement
  return {
    id, name, tool, version: toolVersions[tool], doc, signature,
    reads: Object.keys(statement.images),
    writes: ['return'],
    parameters: signature.flatMap(at => {
      const rule = statement.parameters[at]
      return rule === undefined ? [] : [parameterOf(at, rule)]
    }),
    run: (inputs, parameters) => {
      const parsed = parseValues(statement.parameters, inputs, parameters)
      const issues = [...checkImages(statement.images, inputs), ...parsed.issues]
      if (issues.length > 0) return left(misuse(id, issues))
      // Every rule has been applied to every name just above: the records have the shape that the rules promise.
      const computed = guard(() => statement.compute(inputs as Images<I>, parsed.values as Values<P>))
      return isLeft(computed) ? left(toError(id, computed.left)) : right({ return: computed.right })
    }
  }
}
