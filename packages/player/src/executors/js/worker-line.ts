import { newError, type BimsError } from '@bims/core'
import { Worker } from 'node:worker_threads'
import type { Answer, Request } from './protocol.ts'

const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './js-worker.js', import.meta.url)

/** A worker thread of the js executor, which is asked one thing after another. */
export class WorkerLine {
  readonly #worker = new Worker(workerUrl)
  readonly #waiting: ((answer: Answer) => void)[] = []
  #ended: BimsError | undefined

  constructor() {
    this.#worker.on('message', (answer: Answer) => this.#waiting.shift()?.(answer))
    this.#worker.on('error', cause =>
      this.#end(
        newError(
          'operation-failed',
          `The executor failed: ${String(cause)}`,
          'The image may be too large for this machine.',
          { cause }
        )
      )
    )
  }

  #end(error: BimsError): void {
    this.#ended ??= error
    for (const resolve of this.#waiting.splice(0)) resolve({ error: this.#ended })
  }

  /** Asks and waits; every open question is answered with the error when the worker ends. */
  ask(request: Request): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.resolve({ error: this.#ended })
    return new Promise(resolve => {
      this.#waiting.push(resolve)
      this.#worker.postMessage(request)
    })
  }

  /** Ends the worker, whatever it is doing. */
  async stop(error: BimsError): Promise<void> {
    this.#end(error)
    await this.#worker.terminate()
  }

  /** Whether the process must wait for it. */
  hold(held: boolean): void {
    if (held) this.#worker.ref()
    else this.#worker.unref()
  }
}

/** A worker that a replay has left: starting one costs more than most steps. It keeps no process alive. */
let idle: WorkerLine | undefined

/** The worker that an earlier replay has left, or a new one. */
export const takeWorker = (): WorkerLine => {
  const line = idle ?? new WorkerLine()
  idle = undefined
  line.hold(true)
  return line
}

/** Leaves a worker, emptied, for the next replay; one is kept. */
export const leaveWorker = async (line: WorkerLine, stopped: BimsError): Promise<void> => {
  const emptied = await line.ask({ do: 'reset' })
  if ('error' in emptied || idle !== undefined) return line.stop(stopped)
  line.hold(false)
  idle = line
}
