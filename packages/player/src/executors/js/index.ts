import { newError, type BimsError, type Step } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Executor, ExecutorSession, Made, NamedArray } from '../executor.ts'
import type { Request } from './protocol.ts'
import { knowsOperation } from './step-runner.ts'
import { leaveWorker, takeWorker } from './worker-line.ts'

const stopped = (): BimsError => newError('interrupted', 'The replay was stopped.', 'Start it again.')

const openSession = (signal: AbortSignal | undefined): ExecutorSession => {
  const line = takeWorker()
  const abort = (): void => void line.stop(stopped())
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  let open = true
  const ask =
    (request: Request): TE.TaskEither<BimsError, readonly Made[]> =>
    async () => {
      if (!open) return E.left(stopped())
      const answer = await line.ask(request)
      return 'error' in answer ? E.left(answer.error) : E.right('made' in answer ? answer.made : [])
    }
  const done = TE.map(() => undefined)
  return {
    load: (value, pixels) => done(ask({ do: 'load', value, pixels })),
    run: (step: Step) => ask({ do: 'run', step }),
    alias: (from, to) =>
      TE.flatMap(([made]: readonly Made[]) => (made === undefined ? TE.left(stopped()) : TE.right(made)))(
        ask({ do: 'alias', from, to })
      ),
    fetch:
      (value: string): TE.TaskEither<BimsError, NamedArray> =>
      async () => {
        const answer = await line.ask({ do: 'fetch', value })
        if ('pixels' in answer) return E.right(answer.pixels)
        return E.left('error' in answer ? answer.error : stopped())
      },
    forget: values => done(ask({ do: 'forget', values })),
    close: async () => {
      if (!open) return
      open = false
      signal?.removeEventListener('abort', abort)
      await leaveWorker(line, stopped())
    }
  }
}

/** The executor in JavaScript: scikit-image and NumPy operations in a worker thread. */
export const jsExecutor: Executor = {
  id: 'js',
  knows: knowsOperation,
  open: ({ signal }) => TE.fromIO(() => openSession(signal))
}
