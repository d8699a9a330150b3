import type { OutputReport, StepReport } from '@bims/player'
import type { Command } from 'commander'
import { exitCodes } from '../exit-codes.ts'
import { collected, withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import type { Act } from '../act.ts'
import { columns, short } from '../words.ts'

interface ReplayFlags extends WhoAndWhere {
  readonly input?: readonly string[]
  readonly to?: string
  readonly steps?: string
  readonly set?: readonly string[]
  readonly executor: string
  readonly tolerance?: string
  readonly restricted?: boolean
}

const blocking: ReadonlySet<string> = new Set(['failed', 'not-runnable', 'input-mismatch'])

/** 0 as recorded or not comparable, 1 differs although it should not, 3 could not be run to the end. */
const exitCodeOf = (steps: readonly StepReport[], outputs: readonly OutputReport[], comparable: boolean): number => {
  if (steps.some(step => step.status === 'failed')) return exitCodes.checkFailed
  if (steps.some(step => blocking.has(step.status)) || outputs.length === 0) return exitCodes.notNow
  const differs = steps.some(step => step.status === 'differs') || outputs.some(output => output.equal === false)
  const tolerated =
    steps.some(step => step.status === 'within-tolerance') && !steps.some(step => step.status === 'differs')
  return comparable && differs && !tolerated ? exitCodes.checkFailed : exitCodes.done
}

const stepWords = (step: StepReport): readonly [string, string] => [
  `${String(step.index).padStart(3)} ${step.status}`,
  [
    step.operation === '' ? 'code that is not understood' : step.operation,
    ...(step.changed.length === 0 ? [] : [`changed: ${step.changed.join(', ')}`]),
    ...(step.difference === undefined
      ? []
      : [`largest difference ${step.difference.max}, in ${step.difference.count} of ${step.difference.total} samples`]),
    ...(step.why === undefined ? [] : [step.why])
  ].join('; ')
]

const outputWords = ({ digest, equal, name }: OutputReport, comparable: boolean): readonly [string, string] => [
  name,
  `${short(digest)} ${equal === undefined ? '(no digest was recorded)' : equal ? 'as recorded' : comparable ? 'NOT as recorded' : 'other than recorded, as is to be expected of other data or changed steps'}`
]

/** `bims replay FILE`. */
export const addReplay = (program: Command, act: Act): void => {
  const command = withIdentity(
    program
      .command('replay')
      .description(
        'Play the steps of a saved file again and compare each result. Exits with 1 where the same data and steps give other pixels.'
      )
      .argument('<FILE>')
      .option('--input <NAME=FILE>', 'file for an input; may be given several times', collected)
      .option('--to <DIR>', 'save each output there, with its own history')
      .option('--steps <LIST>', 'run only these steps, e.g. 1-3,5')
      .option('--set <STEP.PARAM=VALUE>', 'change a parameter, value as JSON; may be given several times', collected)
      .option('--executor <NAME>', 'js; python, imagej and host come later', 'js')
      .option(
        '--tolerance <FRACTION>',
        'largest difference, as a fraction of the range, that is not called a difference'
      )
  )
  command
    .option('--restricted', "keep the records of what is saved in your organisation's private collection")
    .option('--no-restricted', 'make them public, though the replayed image is restricted')
  withExample(command, 'bims replay mask.tif --input raw=other.tif --set 2.sigma=1.5 --to replayed').action(
    async (file: string, options: ReplayFlags) =>
      act(options, async ({ exit, io, print, progress }) => {
        const { parseChange, parseInputs, parseSteps, parseTolerance } = await import('../replay-flags.ts')
        const steps = options.steps === undefined ? undefined : parseSteps(options.steps)
        const tolerance = options.tolerance === undefined ? undefined : parseTolerance(options.tolerance)
        const { Replay } = await import('../../replay/replay.ts')
        const replay = new Replay(file, {
          inputs: parseInputs(options.input ?? []),
          set: (options.set ?? []).map(parseChange),
          executor: options.executor,
          signal: io.signal,
          onProgress: progress.update,
          ...(steps === undefined ? {} : { steps }),
          ...(tolerance === undefined ? {} : { tolerance })
        })
        try {
          const reports: StepReport[] = []
          for await (const step of replay) {
            reports.push(step)
            progress.update(`step ${step.index}: ${step.operation}`)
          }
          const outputs = await replay.outputs()
          const comparable = await replay.comparable()
          const { saveOutputs } = await import('../../replay/save-outputs.ts')
          const saved = options.to === undefined ? [] : await saveOutputs(replay, reports, options.to, options)
          exit(exitCodeOf(reports, outputs, comparable))
          print(
            { steps: reports, outputs, comparable, saved },
            () =>
              columns(reports.map(stepWords)) +
              columns(outputs.map(output => outputWords(output, comparable))) +
              saved.map(path => `saved ${path}\n`).join('')
          )
        } finally {
          await replay.close()
        }
      })
  )
}
