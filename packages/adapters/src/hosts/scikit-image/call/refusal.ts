import { type Either, left } from 'fp-ts/lib/Either.js'

/** Why an operation does not run: parameters it does not take, or input that the library itself refuses. */
export interface Refusal {
  readonly code: 'operation-parameters' | 'operation-failed'
  /** Name of the argument. */
  readonly at: string
  readonly what: string
}

/** Refuses an argument that the operation does not take, or does not take here. */
export const refuse = (at: string, what: string): Either<Refusal, never> =>
  left({ code: 'operation-parameters', at, what })

/** Says that the library itself would raise an exception. */
export const fail = (at: string, what: string): Either<Refusal, never> => left({ code: 'operation-failed', at, what })
