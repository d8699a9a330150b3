import type { BimsError } from '@bims/core'
import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** The value of a result that must not be an error here. */
export const rightOf = <A>(result: Either<BimsError, A>): A => {
  if (result._tag === 'Right') return result.right
  throw new Error(`${result.left.code}: ${result.left.what}`)
}

/** The value of a task that must not fail here. */
export const right = async <A>(task: TaskEither<BimsError, A>): Promise<A> => rightOf(await task())
