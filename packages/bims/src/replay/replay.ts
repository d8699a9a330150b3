import { macroOf } from '@bims/core'
import {
  executorOf,
  Play,
  planReplay,
  type NamedArray,
  type OutputReport,
  type ParameterChange,
  type StepReport
} from '@bims/player'
import { readFileBundle, withImage, type Watch } from '../files/open-image.ts'
import { value } from '../promise.ts'
import { playableMacro, readInputs, recordedOutputs } from './playable.ts'
import type { Prepared } from './prepared.ts'
import type { SaveOutputsOptions } from './save-options.ts'

/** How a macro is replayed. */
export interface ReplayOptions extends Watch {
  /** Files by input name; the others are those that the macro names: where they were as seen from the image, or beside it. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Indexes of the steps to run; the others are switched off. */
  readonly steps?: ReadonlySet<number>
  readonly set?: readonly ParameterChange[]
  /** `js` (default). */
  readonly executor?: string
  /** Largest difference, as a fraction of the recorded image's range, that counts as `within-tolerance`. */
  readonly tolerance?: number
}

/** A replay of the macro that a file carries: iterate over it to run it step by step. */
export class Replay implements AsyncIterable<StepReport> {
  readonly file: string
  readonly #options: ReplayOptions
  #prepared: Promise<Prepared> | undefined
  readonly #reports: StepReport[] = []

  constructor(file: string, options: ReplayOptions = {}) {
    this.file = file
    this.#options = options
  }

  /**
   * Reads file and inputs and plans the replay; iterating does it too.
   * Rejects with `no-macro`, `bundle-missing`, `input-missing`, `executor-unavailable`, `usage`.
   */
  prepare(): Promise<Prepared> {
    this.#prepared ??= this.#prepare()
    return this.#prepared
  }

  async #prepare(): Promise<Prepared> {
    const options = this.#options
    const executor = value(executorOf(options.executor ?? 'js'))
    const { read, recorded } = await withImage(this.file, async opened => {
      const bundle = await readFileBundle(opened)
      return { read: bundle.read, recorded: await recordedOutputs(opened, bundle.read, options) }
    })
    const macro = playableMacro(read)
    const { set, signal, steps, tolerance } = options
    const plan = value(
      planReplay(macro, { ...(steps === undefined ? {} : { steps }), ...(set === undefined ? {} : { set }) })
    )
    const inputs = await readInputs(macro, options.inputs ?? {}, this.file, options)
    const play = new Play(plan, {
      executor,
      inputs: new Map(inputs.map(({ name, pixels }) => [name, pixels])),
      recorded,
      ...(tolerance === undefined ? {} : { tolerance }),
      ...(signal === undefined ? {} : { signal })
    })
    return { read, macro, plan, inputs, play }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StepReport, void, undefined> {
    const { play } = await this.prepare()
    for await (const report of play) {
      this.#reports.push(report)
      yield report
    }
  }

  /** What became of the outputs; after the last step. */
  async outputs(): Promise<readonly OutputReport[]> {
    return (await this.prepare()).play.outputs()
  }

  /** Pixels of an output, as computed. */
  async output(name: string): Promise<NamedArray | undefined> {
    return (await this.prepare()).play.output(name)
  }

  /**
   * Whether the replay claims to give the recorded pixels: the same inputs, no changed parameter, no step switched
   * off. Only then is a difference a failure.
   */
  async comparable(): Promise<boolean> {
    const { inputs, macro, plan, play, read } = await this.prepare()
    const digests = play.inputDigests()
    const same = macro.inputs.every(input => input.digest === undefined || input.digest === digests.get(input.name))
    return (
      macroOf(read) !== undefined &&
      inputs.length === macro.inputs.length &&
      same &&
      plan.steps.every(step => step.run && step.changed.length === 0)
    )
  }

  /** What was reported of the steps so far. */
  reports(): readonly StepReport[] {
    return this.#reports
  }

  /**
   * Saves an output (by default the first) with its own history, which says what it is a replay of.
   * Rejects with `output-unknown`, `file-exists`, `disk-full`.
   */
  async save(path: string, options: SaveOutputsOptions & { readonly output?: string } = {}): Promise<string> {
    const name = options.output ?? (await this.prepare()).plan.outputs[0]?.name ?? ''
    const { saveOutput } = await import('./save-outputs.ts')
    return saveOutput(this, this.#reports, name, path, options)
  }

  /** Ends the executor. */
  async close(): Promise<void> {
    if (this.#prepared === undefined) return
    await this.#prepared.then(
      ({ play }) => play.close(),
      () => undefined
    )
  }
}

/**
 * Replays the macro that a saved file carries.
 *
 * @example
 * ```ts
 * import { replay } from 'bims'
 *
 * const play = replay('mask.tif', { inputs: { raw: 'other.tif' } })
 * for await (const step of play) console.log(step.index, step.status, step.difference)
 * await play.save('other-mask.tif')
 * ```
 */
export const replay = (file: string, options: ReplayOptions = {}): Replay => new Replay(file, options)
