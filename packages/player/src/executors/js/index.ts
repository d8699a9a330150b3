import { newError, type BimsError, type Step } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { Worker } from 'node:worker_threads'
import type { Executor, ExecutorSession, Made, NamedArray } from '../executor.ts'
import type { Answer, Request } from './protocol.ts'
import { knowsOperation } from './step-runner.ts'

const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './js-worker.js', import.meta.url)

const stopped = (): BimsError => newError('interrupted', 'The replay was stopped.', 'Start it again.')

/** A worker that a replay has left: starting one costs more than most steps. It keeps no process alive. */
let idle: Worker | undefined

const takeWorker = (): Worker => {
  const worker = idle ?? new Worker(workerUrl)
  idle = undefined
  worker.ref()
  return worker
}

const leaveWorker = async (worker: Worker): Promise<void> => {
  worker.removeAllListeners()
  if (idle !== undefined) {
    await worker.terminate()
    return
  }
  idle = worker
  worker.unref()
  worker.on('error', () => {
    idle = undefined
  })
}

/** Asks the worker one thing after another; ends every open question when the worker ends or is stopped. */
class WorkerSession implements ExecutorSession {
  readonly #worker = takeWorker()
  readonly #waiting: ((answer: Answer) => void)[] = []
  readonly #signal: AbortSignal | undefined
  #ended: BimsError | undefined

  constructor(signal?: AbortSignal) {
    this.#signal = signal
    this.#worker.on('message', (answer: Answer) => this.#waiting.shift()?.(answer))
    this.#worker.on('error', cause => this.#end(newError('operation-failed', `The executor failed: ${String(cause)}`, 'The image may be too large for this machine.', { cause })))
    signal?.addEventListener('abort', this.#abort, { once: true })
    if (signal?.aborted === true) this.#abort()
  }

  readonly #abort = (): void => {
    this.#end(stopped())
    void this.#worker.terminate()
  }

  #end(error: BimsError): void {
    this.#ended ??= error
    for (const resolve of this.#waiting.splice(0)) resolve({ error: this.#ended })
  }

  #ask(request: Request): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.resolve({ error: this.#ended })
    return new Promise(resolve => {
      this.#waiting.push(resolve)
      this.#worker.postMessage(request)
    })
  }

  readonly #made =
    (request: Request): TE.TaskEither<BimsError, readonly Made[]> =>
    async () => {
      const answer = await this.#ask(request)
      return 'error' in answer ? E.left(answer.error) : E.right('made' in answer ? answer.made : [])
    }

  readonly load = (value: string, pixels: NamedArray): TE.TaskEither<BimsError, void> => TE.map(() => undefined)(this.#made({ do: 'load', value, pixels }))

  readonly run = (step: Step): TE.TaskEither<BimsError, readonly Made[]> => this.#made({ do: 'run', step })

  readonly alias = (from: string, to: string): TE.TaskEither<BimsError, Made> =>
    TE.flatMap(([made]: readonly Made[]) => (made === undefined ? TE.left(stopped()) : TE.right(made)))(this.#made({ do: 'alias', from, to }))

  readonly fetch =
    (value: string): TE.TaskEither<BimsError, NamedArray> =>
    async () => {
      const answer = await this.#ask({ do: 'fetch', value })
      if ('pixels' in answer) return E.right(answer.pixels)
      return E.left('error' in answer ? answer.error : stopped())
    }

  readonly forget = (values: readonly string[]): TE.TaskEither<BimsError, void> => TE.map(() => undefined)(this.#made({ do: 'forget', values }))

  readonly close = async (): Promise<void> => {
    this.#signal?.removeEventListener('abort', this.#abort)
    const usable = this.#ended === undefined && (await this.#made({ do: 'reset' })())._tag === 'Right'
    this.#end(stopped())
    await (usable ? leaveWorker(this.#worker) : this.#worker.terminate())
  }
}

/** The executor in JavaScript: scikit-image and NumPy operations in a worker thread. */
export const jsExecutor: Executor = {
  id: 'js',
  knows: knowsOperation,
  open: ({ signal }) => TE.fromIO(() => new WorkerSession(signal))
}
