import type { Evidence, OperationParameter, ValueKind } from '@bims/core'

/** Session state that belongs to no image. */
export const sessionStates = ['state', 'random', 'preference', 'active'] as const

/** A kind of {@link sessionStates}. */
export type SessionState = (typeof sessionStates)[number]

/** What a call is known to read and write; the key to slicing. */
export interface CallEffects {
  /** Qualified name, e.g. `skimage.filters.gaussian`. */
  readonly id: string
  readonly name: string
  readonly tool: string
  readonly version: string
  readonly doc: string
  /** Names of positional arguments in order; a call with more of them, or with other keywords, is not known. */
  readonly signature: readonly string[]
  /** Keywords beyond the signature are settings. */
  readonly settings?: true
  /** Parameters with documentation and defaults. */
  readonly parameters: readonly OperationParameter[]
  /** Arguments that are changed in place. */
  readonly mutates: readonly string[]
  /**
   * `fresh`: a new value; `view`: may share memory with what was read; `number`: an immutable scalar; `nothing`: None.
   */
  readonly result: 'fresh' | 'view' | 'number' | 'nothing'
  /** Kind of a fresh result that is no image. */
  readonly resultKind?: ValueKind
  /** Session state that is read and written. */
  readonly states: readonly SessionState[]
  /** The call only sets what hangs on an image: its display, roi or calibration. */
  readonly hangs?: { readonly kind: ValueKind; readonly argument: string }
  /** The call opens a file as an image, or saves an image into one. */
  readonly file?: {
    readonly mode: 'open' | 'save'
    readonly argument: string
    readonly image?: string
    /** What is opened is an object of the session under its identifier: opened twice, it is one object. */
    readonly identifier?: true
  }
  /** The argument whose variable is gone after the call. */
  readonly deletes?: string
}

/** What a host knows of the calls in its logs. */
export interface Knowledge {
  /** Effects of a function by its full path. */
  readonly call: (path: string) => CallEffects | undefined
  /** Effects of a method on a value; the value itself is the first argument of its signature. */
  readonly method: (name: string, on: ValueKind) => CallEffects | undefined
  /** What an attribute of a value is. */
  readonly attribute: (name: string) => 'view' | 'number'
  /** Tool and version of a function that is not known. */
  readonly toolOf: (path: string) => { readonly tool: string; readonly version: string }
  /** Whether a name that nothing binds is a module or class that is there without an import. */
  readonly isModule: (name: string) => boolean
  /** Definitions at the head of a log that make it run, and the name that they define; exactly this code. */
  readonly preamble?: { readonly code: string; readonly name: string }
  /** What a name that nothing binds is: an input (Dragonfly), or an error. */
  readonly unbound: 'input' | 'refused'
  /** Identifiers that the comments of a block give to its results: variable, identifier. */
  readonly identifiers?: (comments: readonly string[]) => readonly (readonly [string, string])[]
  /** Evidence of a framed block that says nothing itself. */
  readonly framedEvidence: Evidence
}

/** Effects with nothing in them, to be spread under those that have. */
export const plainEffects = {
  doc: '',
  parameters: [],
  mutates: [],
  result: 'fresh',
  states: []
} as const satisfies Partial<CallEffects>
