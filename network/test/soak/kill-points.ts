import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DiskFaults, FaultPlan } from '../../../tools/faults/disk-faults.ts'
import { parseTrace, type Call } from '../../../tools/faults/trace.ts'
import type { Subject } from './subjects.ts'

/** Which kills, or other faults. */
export interface KillPointsRequest {
  readonly faults: DiskFaults
  readonly subject: Subject
  /** Kills at every so-many-th call of a first run; 1: at each. */
  readonly stride: number
  /** The first call at which it is killed. Default 1. */
  readonly from?: number
  /** Then so many at random, one after the other on the same folders. */
  readonly random: number
  /** A number from 0 to 1. */
  readonly next: () => number
  /** What is done at a call, in turn. Default: the three manners of killing. */
  readonly acts?: readonly NonNullable<FaultPlan['act']>[]
  /** How many calls are hit from there on. Default 1. */
  readonly calls?: number
  /** Microseconds that a delay takes. */
  readonly delay?: number
  readonly say: (line: string) => void
}

/** What it came to. */
export interface KillPointsReport {
  /** Runs that were killed. */
  readonly kills: number
  /** All runs, each with its fault. */
  readonly runs: number
  /** Calls of a whole run that change files: each is a point at which it was killed. */
  readonly points: number
  readonly acknowledged: number
  readonly wrong: readonly string[]
}

const manners: readonly NonNullable<FaultPlan['act']>[] = ['kill-before', 'kill-torn', 'kill-after']

/** A new folder for a trial, without symbolic links on the way. */
export const trialFolder = async (name: string): Promise<string> =>
  realpath(await mkdtemp(join(tmpdir(), `bims-${name}-`)))

/** Lets a subject run undisturbed, and gives every call it made that changed files. */
export const traceRun = async (
  faults: DiskFaults,
  subject: Subject,
  base: string
): Promise<{ readonly calls: readonly Call[]; readonly root: string }> => {
  const [root, beside, trace] = [join(base, 'traced'), join(base, 'beside-traced'), join(base, 'trace')]
  await mkdir(root)
  await subject.prepare(beside, [])
  const run = await subject.victim.run(subject.args(root, beside, 'traced'), faults.environment({ root, trace }))
  if (run.code !== 0) throw new Error(`${subject.name} does not run: ${run.errors}`)
  return { calls: parseTrace(await readFile(trace)), root }
}

interface Place {
  readonly root: string
  readonly beside: string
  readonly lines: string[]
}

const newPlace = async (subject: Subject, base: string, name: string): Promise<Place> => {
  const place: Place = { root: join(base, name), beside: join(base, `${name}-beside`), lines: [] }
  await mkdir(place.root)
  await subject.prepare(place.beside, [])
  return place
}

const removePlace = async ({ root, beside }: Place): Promise<void> => {
  await rm(root, { recursive: true })
  await rm(beside, { recursive: true, force: true })
}

const isDurable = (call: Call): boolean => call.call !== 'A'

/**
 * Kills a program at every call that changes a file, before it, in the middle of a write and after it, each time in a
 * new folder; then at random, over and over on the same folders, so that recoveries are hit too. After each kill nothing
 * may be lost or twice.
 */
export const killAtPoints = async (request: KillPointsRequest): Promise<KillPointsReport> => {
  const { faults, subject, stride, next, say } = request
  const base = await trialFolder(subject.name)
  const wrong: string[] = []
  const isWrong = (): boolean => wrong.length > 0
  const { acts = manners, calls = 1, delay = 0 } = request
  let kills = 0
  let runs = 0
  let acknowledged = 0
  const kill = async (place: Place, at: number, act: NonNullable<FaultPlan['act']>, run: string): Promise<boolean> => {
    const environment = faults.environment({ root: place.root, at, act, calls, delay })
    const result = await subject.victim.run(subject.args(place.root, place.beside, run), environment)
    // A program whose disk fails may end with an error; one that is only slow or not hit may not.
    if (!result.killed && result.code !== 0 && !/^E/.test(act))
      wrong.push(`run ${run} ended with ${result.code}: ${result.errors}`)
    if (result.killed) kills++
    runs++
    place.lines.push(...result.lines)
    acknowledged += result.lines.filter(line => /^(queued|committed|attached|purged) /.test(line)).length
    for (const what of await subject.check(place.root, place.beside, place.lines))
      wrong.push(`${subject.name}, ${act} call ${at} of run ${run} in ${place.root}: ${what}`)
    return result.killed
  }
  const points = (await traceRun(faults, subject, base)).calls.filter(isDurable).length
  for (let at = request.from ?? 1; at <= points && !isWrong(); at += stride) {
    const act = acts[Math.floor(at / stride) % acts.length] ?? 'kill-before'
    const place = await newPlace(subject, base, `point-${at}`)
    await kill(place, at, act, `${at}`)
    // Where something is wrong the folder stays, to be looked at.
    if (!isWrong()) await removePlace(place)
    if (runs % 50 === 0) say(`${subject.name}: ${runs} runs, point ${at} of ${points}`)
  }
  let place = await newPlace(subject, base, 'random-0')
  for (let n = 1; n <= request.random && !isWrong(); n++) {
    // Every now and then a new folder, or files would only get longer.
    if (n % 25 === 0) place = await newPlace(subject, base, `random-${n}`)
    const act = acts[Math.floor(next() * acts.length)] ?? 'kill-before'
    await kill(place, 1 + Math.floor(next() ** 2 * points), act, `random-${n}`)
    if (n % 50 === 0) say(`${subject.name}: ${runs} runs, ${n} of ${request.random} at random`)
  }
  if (!isWrong()) await rm(base, { recursive: true })
  return { kills, runs, points, acknowledged, wrong: wrong.slice(0, 20) }
}
