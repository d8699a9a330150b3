/** What one run of a benchmark found. */
export interface Measurement {
  /** How many times as long (or as much) as what it is compared with. */
  readonly ratio: number
  /** The figures behind it, for people. */
  readonly figures: readonly string[]
  /** Whether what must hold beside the ratio holds; absent where there is nothing. */
  readonly alsoHolds?: boolean
}

/** A comparison within one run; ratios survive a change of machine, times do not. */
export interface Benchmark {
  readonly name: string
  /** What is compared with what. */
  readonly what: string
  /** The greatest ratio that is good enough. */
  readonly goal: number
  readonly run: () => Promise<Measurement>
}

/** The middle one of several values. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? upper)) / 2
}

/** Milliseconds that `work` takes. */
export const timed = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Runs two things by turns, so that a busy moment of the machine meets both, and gives the median of each. */
export const byTurns = async (
  turns: number,
  subject: () => Promise<number>,
  baseline: () => Promise<number>
): Promise<{ readonly subject: number; readonly baseline: number }> => {
  const subjects: number[] = []
  const baselines: number[] = []
  for (let turn = 0; turn < turns; turn++) {
    baselines.push(await baseline())
    subjects.push(await subject())
  }
  return { subject: median(subjects), baseline: median(baselines) }
}
