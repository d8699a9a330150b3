import { arrayDigest, digestAxes, newError, parseValueName, withAxes, type Step } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { asSaved } from './compare/as-saved.ts'
import { differenceOf, type Difference } from './compare/difference.ts'
import type { Executor, ExecutorSession, Made, NamedArray } from './executors/executor.ts'
import { standIn, type Plan, type PlannedStep } from './plan/plan.ts'
import { preconditionProblems } from './plan/preconditions.ts'

/** What became of a step. */
export type StepStatus =
  'equal' | 'within-tolerance' | 'differs' | 'ran' | 'skipped' | 'failed' | 'not-runnable' | 'input-mismatch'

/** What is told of a step after it was played. */
export interface StepReport {
  /** Index in the full log. */
  readonly index: number
  readonly operation: string
  /** `equal` and `differs` against the recorded digest; `ran` where none was recorded. */
  readonly status: StepStatus
  readonly why?: string
  readonly changed: readonly string[]
  readonly made: readonly (Made & { readonly recorded?: string })[]
  /** Against the recorded pixels, where the caller has them. */
  readonly difference?: Difference
  readonly milliseconds: number
}

/** What is told of an output after the last step. */
export interface OutputReport {
  readonly name: string
  /** Digest of the output as it would be saved. */
  readonly digest: string
  readonly recorded?: string
  readonly equal?: boolean
  readonly difference?: Difference
}

/** What a replay needs besides its plan. */
export interface PlayOptions {
  readonly executor: Executor
  /** Pixels of the inputs by name. */
  readonly inputs: ReadonlyMap<string, NamedArray>
  /** Recorded pixels of outputs by name, as they stand in the saved file, to measure differences. */
  readonly recorded?: ReadonlyMap<string, NamedArray>
  /** Largest difference, as a fraction of the recorded image's range, that counts as `within-tolerance`; default 0. */
  readonly tolerance?: number
  readonly signal?: AbortSignal
}

const withinTolerance = (difference: Difference | undefined, tolerance: number): boolean =>
  difference !== undefined &&
  (difference.max === 0 || (tolerance > 0 && difference.max <= tolerance * difference.range))

/** Values that a step must have made; a display range, a state of the session or a file is there from the beginning. */
const isComputed = (value: string): boolean =>
  ['image', 'number', 'table', 'roi'].includes(parseValueName(value)?.kind ?? 'image')

/** A replay: iterate over it to run it step by step, then ask for its outputs. */
export class Play implements AsyncIterable<StepReport> {
  readonly #plan: Plan
  readonly #options: PlayOptions
  #session: ExecutorSession | undefined
  readonly #available = new Map<string, Made>()
  /** Values that were set and are no arrays, such as a constant: whoever reads them finds them set. */
  readonly #set = new Set<string>()
  readonly #unmet = new Map<string, string>()

  constructor(plan: Plan, options: PlayOptions) {
    this.#plan = plan
    this.#options = options
  }

  /** Runs the steps one after another; each is run when the next report is asked for. Ends at an interruption. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StepReport, void, undefined> {
    const { executor, signal } = this.#options
    const session = await executor.open(signal === undefined ? {} : { signal })()
    if (E.isLeft(session)) throw session.left
    this.#session = session.right
    await this.#loadInputs(session.right)
    for (const planned of this.#plan.steps) {
      if (signal?.aborted === true) throw newError('interrupted', 'The replay was stopped.', 'Start it again.')
      const report = await this.#playStep(session.right, planned)
      const forgotten = await session.right.forget(planned.lastUse)()
      // What is not forgotten only takes memory.
      if (E.isLeft(forgotten) && forgotten.left.code === 'interrupted') throw forgotten.left
      yield report
    }
  }

  async #loadInputs(session: ExecutorSession): Promise<void> {
    for (const input of this.#plan.inputs) {
      const pixels = this.#options.inputs.get(input.name)
      if (pixels === undefined) {
        this.#unmet.set(input.value, `the input ${input.name} was not given`)
        continue
      }
      const mismatch = preconditionProblems(input, pixels)
      if (mismatch.length > 0) {
        this.#unmet.set(input.value, mismatch.join('; '))
        continue
      }
      const loaded = await session.load(input.value, pixels)()
      if (E.isLeft(loaded)) throw loaded.left
      this.#available.set(input.value, {
        value: input.value,
        digest: arrayDigest(pixels.array, pixels.axes).digest,
        axes: pixels.axes,
        shape: pixels.array.shape,
        dtype: pixels.array.dtype
      })
    }
  }

  async #playStep(session: ExecutorSession, planned: PlannedStep): Promise<StepReport> {
    const started = performance.now()
    const { changed, step } = planned
    const done = (
      status: StepStatus,
      made: readonly Made[] = [],
      why?: string,
      difference?: Difference
    ): StepReport => ({
      index: step.index,
      operation: step.operation.id,
      status,
      changed,
      made: made.map(one => {
        const recorded = step.writes.find(write => write.value === one.value)?.digest
        return recorded === undefined ? one : { ...one, recorded }
      }),
      milliseconds: performance.now() - started,
      ...(why === undefined ? {} : { why }),
      ...(difference === undefined ? {} : { difference })
    })
    if (!planned.run) return this.#skip(session, step, done)
    const blocked = this.#blocked(step)
    if (blocked !== undefined) return done(blocked.status, [], blocked.why)
    const made = await session.run(step)()
    if (E.isLeft(made)) {
      if (made.left.code === 'interrupted') throw made.left
      return done(made.left.code === 'operation-unknown' ? 'not-runnable' : 'failed', [], made.left.what)
    }
    for (const one of made.right) this.#available.set(one.value, one)
    for (const { value } of step.writes) if (!this.#available.has(value)) this.#set.add(value)
    return this.#judge(step, made.right, done)
  }

  async #skip(
    session: ExecutorSession,
    step: Step,
    done: (status: StepStatus, made?: readonly Made[], why?: string) => StepReport
  ): Promise<StepReport> {
    const alias = standIn(step)
    if (alias === undefined || !this.#available.has(alias.from))
      return done('skipped', [], 'switched off; nothing stands in for its result')
    const made = await session.alias(alias.from, alias.to)()
    if (E.isLeft(made)) return done('failed', [], made.left.what)
    this.#available.set(alias.to, made.right)
    return done('skipped', [made.right], `switched off; ${alias.from} stands in for ${alias.to}`)
  }

  #blocked(step: Step): { readonly status: StepStatus; readonly why: string } | undefined {
    for (const { value } of step.reads) {
      const unmet = this.#unmet.get(value)
      if (unmet !== undefined) return { status: 'input-mismatch', why: unmet }
      if (isComputed(value) && !this.#available.has(value) && !this.#set.has(value))
        return { status: 'not-runnable', why: `${value} was not made` }
    }
    return this.#options.executor.knows(step.operation.id)
      ? undefined
      : {
          status: 'not-runnable',
          why: `the ${this.#options.executor.id} executor does not know ${step.operation.id === '' ? 'this code' : step.operation.id}`
        }
  }

  async #judge(
    step: Step,
    made: readonly Made[],
    done: (status: StepStatus, made: readonly Made[], why?: string, difference?: Difference) => StepReport
  ): Promise<StepReport> {
    const digests = new Map(made.map(one => [one.value, one.digest]))
    const recorded = step.writes.filter(write => write.digest !== undefined)
    const output = this.#plan.outputs.find(candidate => digests.has(candidate.value))
    const outputReport = output === undefined ? undefined : await this.#outputReport(output.name)
    const compared = [
      ...recorded.map(write => digests.get(write.value) === write.digest),
      ...(outputReport?.equal === undefined || recorded.some(write => write.value === output?.value)
        ? []
        : [outputReport.equal])
    ]
    if (compared.length === 0) return done('ran', made)
    if (compared.every(Boolean)) return done('equal', made)
    const difference = outputReport?.difference
    return done(
      withinTolerance(difference, this.#options.tolerance ?? 0) ? 'within-tolerance' : 'differs',
      made,
      undefined,
      difference
    )
  }

  async #outputReport(name: string): Promise<OutputReport | undefined> {
    const output = this.#plan.outputs.find(candidate => candidate.name === name)
    if (output === undefined) return undefined
    const pixels = await this.output(name)
    if (pixels === undefined) return undefined
    const recordedPixels = this.#options.recorded?.get(name)
    const { array, axes: own } = withAxes(pixels.array, pixels.axes, digestAxes(pixels.axes))
    const saved = asSaved(array)
    const axes = recordedPixels?.array.shape.length === saved.shape.length ? recordedPixels.axes : own
    const { digest } = arrayDigest(saved, axes)
    const difference = recordedPixels === undefined ? undefined : differenceOf(recordedPixels.array, saved)
    return {
      name,
      digest,
      ...(output.digest === undefined ? {} : { recorded: output.digest, equal: output.digest === digest }),
      ...(difference === undefined || output.digest === digest ? {} : { difference })
    }
  }

  /** Pixels of an output, as computed; undefined before it was made, or where a step on its way did not run. */
  async output(name: string): Promise<NamedArray | undefined> {
    const value = this.#plan.outputs.find(output => output.name === name)?.value
    if (value === undefined || this.#session === undefined || !this.#available.has(value)) return undefined
    const pixels = await this.#session.fetch(value)()
    return E.isLeft(pixels) ? undefined : pixels.right
  }

  /** What became of the outputs that were made. */
  async outputs(): Promise<readonly OutputReport[]> {
    const reports = await Promise.all(this.#plan.outputs.map(output => this.#outputReport(output.name)))
    return reports.flatMap(report => report ?? [])
  }

  /** Digests of the inputs as they were given, by name. */
  inputDigests(): ReadonlyMap<string, string> {
    return new Map(
      this.#plan.inputs.flatMap(input => {
        const made = this.#available.get(input.value)
        return made === undefined ? [] : [[input.name, made.digest]]
      })
    )
  }

  /** Ends the executor. */
  async close(): Promise<void> {
    await this.#session?.close()
  }
}
