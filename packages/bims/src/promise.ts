import type { BimsError } from '@bims/core'
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/**
 * Where the package's promises begin: the other packages return errors, this one rejects with the same
 * {@link BimsError}. Nothing else in it throws.
 */
export const promised = async <A>(task: TaskEither<BimsError, A>): Promise<A> => value(await task())

/** The value of a result; throws its error. */
export const value = <A>(result: Either<BimsError, A>): A => {
  if (isLeft(result)) throw result.left
  return result.right
}
