import { isBimsError, newError } from '@bims/core'
import type { BimsError, BimsErrorCode, Issue } from '@bims/core'
import { left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/**
 * Carries a {@link BimsError} through promises. Inside this package byte-level code awaits and throws; at its edge
 * {@link attempt} turns the throw back into a value (docs/decisions/promises-inside-adapters.md).
 */
class Fault extends Error {
  readonly error: BimsError
  constructor(error: BimsError) {
    super(error.what)
    this.error = error
  }
}

/** The error behind anything that was thrown; what no code foresees is `unexpected`. */
export const toBimsError = (thrown: unknown): BimsError =>
  thrown instanceof Fault
    ? thrown.error
    : isBimsError(thrown)
      ? thrown
      : newError('unexpected', thrown instanceof Error ? thrown.message : String(thrown), 'Please report this.', {
          cause: thrown
        })

/** Throws a ready {@link BimsError}; only below an {@link attempt}. */
export const raise = (error: BimsError): never => {
  throw new Fault(error)
}

/** Makes and throws a {@link BimsError}; only below an {@link attempt}. */
export const fail = (
  code: BimsErrorCode,
  what: string,
  advice: string,
  more?: { readonly issues?: readonly Issue[]; readonly cause?: unknown }
): never => raise(newError(code, what, advice, more))

/** Runs promise code as a task whose errors are values. */
export const attempt =
  <A>(run: () => Promise<A>): TaskEither<BimsError, A> =>
  async () => {
    try {
      return right(await run())
    } catch (thrown) {
      return left(toBimsError(thrown))
    }
  }

/** Awaits a task below an {@link attempt}; its error is thrown. */
export const unwrap = async <A>(task: TaskEither<BimsError, A>): Promise<A> => {
  const result = await task()
  return result._tag === 'Right' ? result.right : raise(result.left)
}

/** Stops with `interrupted` when the signal says so. */
export const checkSignal = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) fail('interrupted', 'Stopped on request.', 'Start it again when you like.')
}
