import { newError, type BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { Executor } from './executor.ts'
import { jsExecutor } from './js/index.ts'

const later: readonly string[] = ['python', 'imagej', 'host']

/** The executor of a name. Fails with `executor-unavailable` for python, imagej and host, which come later. */
export const executorOf = (id: string): E.Either<BimsError, Executor> => {
  if (id === 'js') return E.right(jsExecutor)
  return E.left(
    newError(
      'executor-unavailable',
      later.includes(id) ? `The executor ${id} is not part of this version.` : `There is no executor called ${id}.`,
      'Use --executor js.'
    )
  )
}
