import type { BimsError } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** The value of a task that must not fail here. */
export const right = async <A>(task: TaskEither<BimsError, A>): Promise<A> => {
  const done = await task()
  if (done._tag === 'Right') return done.right
  throw new Error(`${done.left.code}: ${done.left.what}`)
}
