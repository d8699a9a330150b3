import type { BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { ioError } from './io-error.ts'

/** Work on files that rejects as they do, as a value. `doing` says in the error what failed; its codes are those of {@link ioError}. */
export const attempt =
  <A>(doing: string, act: () => Promise<A>): TaskEither<BimsError, A> =>
  async () => {
    try {
      return E.right(await act())
    } catch (cause) {
      return E.left(ioError(doing, cause))
    }
  }
