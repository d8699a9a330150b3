import { Worker } from 'node:worker_threads'

/** A thread that answers one job after another, in their order. */
export interface Seat<Job, Answer> {
  readonly number: number
  /** How many jobs it has not answered yet. */
  readonly waiting: () => number
  readonly ask: (job: Job, transferred: readonly ArrayBuffer[]) => Promise<Answer>
  readonly close: () => Promise<void>
}

interface Asked<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (cause: unknown) => void
}

/** Starts a thread with a program of this folder; where the package is built it stands beside all others, under the name after `audit-`. */
export const openSeat = <Job, Answer>(program: string, number: number): Seat<Job, Answer> => {
  const file = import.meta.url.endsWith('.ts') ? `./${program}.ts` : `./audit-${program}.js`
  // Room for what a job leaves behind: with less, short-lived objects are copied again and again.
  const resourceLimits = { maxYoungGenerationSizeMb: 64 }
  const worker = new Worker(new URL(file, import.meta.url), { execArgv: [], name: `audit ${number}`, resourceLimits })
  const asked: Asked<Answer>[] = []
  const fail = (cause: unknown): void => asked.splice(0).forEach(({ reject }) => reject(cause))
  worker.on('message', (answer: Answer) => asked.shift()?.resolve(answer))
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('a thread of the audit has ended')))
  return {
    number,
    waiting: () => asked.length,
    ask: (job, transferred) =>
      new Promise((resolve, reject) => {
        asked.push({ resolve, reject })
        worker.postMessage(job, transferred)
      }),
    close: async () => {
      await worker.terminate()
    }
  }
}

/** Jobs that a thread has at once: enough to go on with while the main one works itself and takes no answers. */
export const queued = 3

/** The thread with the least to do; undefined where all have enough. */
export const idlest = <Job, Answer>(seats: readonly Seat<Job, Answer>[]): Seat<Job, Answer> | undefined => {
  const [seat] = [...seats].sort((a, b) => a.waiting() - b.waiting())
  return seat !== undefined && seat.waiting() < queued ? seat : undefined
}
