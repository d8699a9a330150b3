import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DiskFaults } from '../../../tools/faults/disk-faults.ts'
import { choices, ModelDisk, type Choice } from '../../../tools/faults/power-cut.ts'
import { parseTrace, type Call } from '../../../tools/faults/trace.ts'
import { traceRun, trialFolder } from './kill-points.ts'
import type { Subject } from './subjects.ts'

/** Which cuts. */
export interface PowerCutRequest {
  readonly faults: DiskFaults
  readonly subject: Subject
  /** A cut before every so-many-th call. */
  readonly stride: number
  /** The first call before which it is cut. Default 0. */
  readonly from?: number
  /** After every so-many-th cut the power is cut again while the program recovers; 0: never. */
  readonly again: number
  /** A number from 0 to 1. */
  readonly next: () => number
  readonly say: (line: string) => void
  /** A control: calls that are left out of the trace as if the program did not make them. */
  readonly without?: (call: Call) => boolean
  /** Stops at the first thing that is wrong. Default true. */
  readonly stop?: boolean
}

/** What it came to. */
export interface PowerCutReport {
  readonly cuts: number
  /** Calls in the trace of a whole run. */
  readonly calls: number
  readonly wrong: readonly string[]
}

const linesOf = (calls: readonly Call[]): readonly string[] =>
  calls
    .flatMap(call => (call.call === 'A' ? [call.text] : []))
    .join('')
    .split('\n')
    .filter(line => line !== '')

/** A run that was recorded, on a disk that was empty or held what an earlier cut had left. */
interface Recording {
  readonly calls: readonly Call[]
  readonly disk: () => ModelDisk
  readonly root: string
  /** What had been said before it. */
  readonly before: readonly string[]
}

interface Trial extends PowerCutRequest {
  readonly base: string
  readonly wrong: string[]
  cuts: number
}

const diskAt = (recording: Recording, point: number): ModelDisk => {
  const disk = recording.disk()
  for (const call of recording.calls.slice(0, point)) disk.play(call)
  return disk
}

const judge = async (trial: Trial, recording: Recording, point: number, choice: Choice): Promise<void> => {
  const { subject, base, wrong } = trial
  const [root, beside] = [join(base, `cut-${trial.cuts}`), join(base, `cut-${trial.cuts}-beside`)]
  await mkdir(root)
  await diskAt(recording, point).cut(choice, root)
  const lines = [...recording.before, ...linesOf(recording.calls.slice(0, point))]
  await subject.prepare(beside, lines)
  const found = await subject.check(root, beside, lines)
  for (const what of found) wrong.push(`${subject.name}, cut before call ${point} leaving ${choice.name}: ${what}`)
  trial.cuts++
  await rm(root, { recursive: true })
  await rm(beside, { recursive: true, force: true })
}

// What a cut left is put back on a disk, where all of it is durable, and the program runs on it again, recorded.
const recordRecovery = async (
  trial: Trial,
  recording: Recording,
  point: number,
  choice: Choice
): Promise<Recording | undefined> => {
  const { subject, base, faults, wrong } = trial
  const name = `again-${trial.cuts}`
  const [root, beside, trace] = [join(base, name), join(base, `${name}-beside`), join(base, `${name}-trace`)]
  await mkdir(root)
  await diskAt(recording, point).cut(choice, root)
  const disk = await ModelDisk.of(root)
  const before = [...recording.before, ...linesOf(recording.calls.slice(0, point))]
  await subject.prepare(beside, before)
  const run = await subject.victim.run(subject.args(root, beside, name), faults.environment({ root, trace }))
  if (run.code !== 0) {
    wrong.push(`${subject.name} does not run after a cut before call ${point}, leaving ${choice.name}: ${run.errors}`)
    return undefined
  }
  return { calls: parseTrace(await readFile(trace)), disk: () => disk.copy(), root, before }
}

const cutRecovery = async (trial: Trial, recording: Recording, point: number, choice: Choice): Promise<void> => {
  const recovery = await recordRecovery(trial, recording, point, choice)
  if (recovery === undefined) return
  for (let at = 1; at <= recovery.calls.length; at += 3 * trial.stride) {
    const every = choices(trial.next)
    const chosen = every[Math.floor(trial.next() * every.length)]
    if (chosen !== undefined) await judge(trial, recovery, at, chosen)
  }
  await rm(recovery.root, { recursive: true })
}

const goesOn = ({ wrong, stop = true }: Trial): boolean => wrong.length === 0 || !stop

const cutEverywhere = async (trial: Trial, recording: Recording): Promise<void> => {
  for (let point = trial.from ?? 0; point <= recording.calls.length && goesOn(trial); point += trial.stride) {
    for (const choice of choices(trial.next)) {
      if (goesOn(trial)) await judge(trial, recording, point, choice)
      if (trial.again > 0 && trial.cuts % trial.again === 0 && goesOn(trial))
        await cutRecovery(trial, recording, point, choice)
    }
    if (point % 20 === 0)
      trial.say(`${trial.subject.name}: ${trial.cuts} cuts, call ${point} of ${recording.calls.length}`)
  }
}

/**
 * Records a run, then plays it up to every call onto a disk from which the power is taken: what was synced is there,
 * of the rest what each choice says. On what is left nothing that was acknowledged before may be lost or twice.
 */
export const cutPower = async (request: PowerCutRequest): Promise<PowerCutReport> => {
  const base = await trialFolder(`${request.subject.name}-cuts`)
  const { calls, root } = await traceRun(request.faults, request.subject, base)
  const left = request.without === undefined ? calls : calls.filter(call => request.without?.(call) !== true)
  const trial: Trial = { ...request, base, wrong: [], cuts: 0 }
  await cutEverywhere(trial, { calls: left, disk: () => new ModelDisk(root), root, before: [] })
  await rm(base, { recursive: true })
  return { cuts: trial.cuts, calls: calls.length, wrong: trial.wrong.slice(0, 20) }
}
