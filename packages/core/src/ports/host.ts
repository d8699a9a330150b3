import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { BimsError } from '../errors.ts'
import type { MacroContent } from '../macro/macro.ts'
import type { NdArray } from '../digest/nd-array.ts'

/** A program whose logs can be read as macros. */
export interface Host {
  /** Id, e.g. `python`, `dragonfly`. */
  readonly host: string
  readonly title: string
  /** Decides by the first 4 KiB of text and the file's name. */
  readonly recognises: (head: string, name: string) => boolean
  /**
   * Reads a whole log. Fails with `log-not-python`, `log-grammar` (all problems in `issues`, each with its line).
   * The macro is the full log: not sliced, without `redaction`.
   */
  readonly read: (log: Uint8Array, name: string) => TaskEither<BimsError, MacroContent>
}

/** A parameter as an operation takes it. */
export type ParameterValue = null | boolean | number | string | readonly ParameterValue[]

/** What an operation reads and writes; the key to slicing. */
export interface OperationEffects {
  /** Arguments that are images or other values, in order; the names as in the signature. */
  readonly reads: readonly string[]
  /** Result names; `return` is the result of the call, others are arguments changed in place (`out`). */
  readonly writes: readonly string[]
}

/** One parameter of an operation's signature. */
export interface OperationParameter {
  readonly name: string
  /** Python type as documentation spells it, e.g. `float`, `int or None`. */
  readonly type: string
  /** Default; a parameter without one is required. */
  readonly default?: ParameterValue
  readonly unit?: string
  /** One sentence for people. */
  readonly doc: string
}

/** An operation of a vocabulary: its signature, effects and, where there is one, its implementation in JavaScript. */
export interface Operation extends OperationEffects {
  /** Qualified Python name, e.g. `skimage.filters.gaussian`, `numpy.clip`. */
  readonly id: string
  /** Human name. */
  readonly name: string
  /** The library and its version whose meaning this has. */
  readonly tool: string
  readonly version: string
  /** All arguments in the order of the Python signature: `reads` and parameters alike, for positional calls. */
  readonly signature: readonly string[]
  readonly parameters: readonly OperationParameter[]
  /** One sentence of documentation. */
  readonly doc: string
  /**
   * Computes the result. Inputs are never changed. Fails with `operation-parameters`, `operation-failed`.
   * A scalar result (a threshold) is an array of shape [].
   */
  readonly run?: (
    inputs: Readonly<Record<string, NdArray>>,
    parameters: Readonly<Record<string, ParameterValue>>
  ) => Either<BimsError, Readonly<Record<string, NdArray>>>
}
