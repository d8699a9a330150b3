import { type BimsError, type Issue, type NdArray, newError, type Operation, type OperationParameter } from '@bims/core'
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import { type ImageRules, type Images, parseArguments, type ParameterRules, type Values } from './argument-codec.ts'
import type { ParameterRule } from './parameter-rule.ts'
import { fail, type Refusal } from './refusal.ts'

/** Versions whose meaning the operations have. */
export const toolVersions = { 'scikit-image': '0.26.0', numpy: '2.4.6' } as const

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
    : newError(
        'operation-failed',
        `${id} failed: ${refusal.at} ${refusal.what}.`,
        'Give it input that it can work on.',
        {
          issues: [{ at: refusal.at, what: refusal.what }]
        }
      )

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
    id,
    name,
    tool,
    version: toolVersions[tool],
    doc,
    signature,
    reads: Object.keys(statement.images),
    writes: ['return'],
    parameters: signature.flatMap(at => {
      const rule = statement.parameters[at]
      return rule === undefined ? [] : [parameterOf(at, rule)]
    }),
    run: (inputs, parameters) => {
      const parsed = parseArguments(statement, inputs, parameters)
      if (isLeft(parsed)) return left(misuse(id, parsed.left))
      const { images, values } = parsed.right
      const computed = guard(() => statement.compute(images, values))
      return isLeft(computed) ? left(toError(id, computed.left)) : right({ return: computed.right })
    }
  }
}
