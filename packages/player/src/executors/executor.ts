import type { BimsError, NdArray, Step } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** Pixels with the names of their axes, in digest order. */
export interface NamedArray {
  readonly array: NdArray
  readonly axes: readonly string[]
}

/** What an executor tells of a value that a step made; the pixels stay with it until they are asked for. */
export interface Made {
  /** Versioned name, e.g. `mask@1`. */
  readonly value: string
  readonly digest: string
  readonly axes: readonly string[]
  readonly shape: readonly number[]
  readonly dtype: NdArray['dtype']
}

/** One replay inside an executor: it holds values by their versioned names. */
export interface ExecutorSession {
  /** Hands over the pixels of a value. */
  readonly load: (value: string, pixels: NamedArray) => TaskEither<BimsError, void>
  /** Runs a step on values it holds. Fails with `operation-unknown`, `operation-parameters`, `operation-failed`, `interrupted`. */
  readonly run: (step: Step) => TaskEither<BimsError, readonly Made[]>
  /** Makes a value under another name without computing: a step that is switched off. */
  readonly alias: (from: string, to: string) => TaskEither<BimsError, Made>
  /** Gives the pixels of a value. Fails with `input-missing`. */
  readonly fetch: (value: string) => TaskEither<BimsError, NamedArray>
  /** Forgets values that no later step reads. */
  readonly forget: (values: readonly string[]) => TaskEither<BimsError, void>
  readonly close: () => Promise<void>
}

/** Something that runs steps by operation id and parameters, from its own table. */
export interface Executor {
  /** `js`; later also `python`, `imagej`, `host`. */
  readonly id: string
  /** Tells whether it knows the operation. */
  readonly knows: (operation: string) => boolean
  readonly open: (options: { readonly signal?: AbortSignal }) => TaskEither<BimsError, ExecutorSession>
}
