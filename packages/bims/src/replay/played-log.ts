import { newLogWriter, type LogWriter } from '@bims/adapters/hosts/log'
import { newError, parseValueName, utf8, type MacroContent, type Step } from '@bims/core'
import { standIn, type Plan, type StepReport } from '@bims/player'
import { relative, resolve } from 'node:path'
import { newSession, parseLog } from '../log/read-log.ts'
import type { Capabilities } from '../production.ts'
import { promised, value } from '../promise.ts'
import { version } from '../version.ts'
import type { Prepared } from './prepared.ts'

/** The log of a replay: what was really run, with the parameters and inputs that were really used. */
export interface PlayedLog {
  readonly log: MacroContent
  readonly session: string
  /** Recorded value names of the macro → names in this log. */
  readonly names: ReadonlyMap<string, string>
}

const nameOf = (valueName: string): string => parseValueName(valueName)?.name ?? valueName

/** Operations that only give a value another name. */
const isRenaming = ({ operation }: Step): boolean =>
  operation.id === 'python.assign' || operation.id === 'python.revert'

const append = (writer: LogWriter, step: Step, report: StepReport, names: Map<string, string>): string => {
  const digests = Object.fromEntries(
    step.writes.flatMap(({ arg, value: made }) => {
      const digest = report.made.find(one => one.value === made)?.digest
      return digest === undefined ? [] : [[arg, digest]]
    })
  )
  const written = value(
    writer.append({
      operation: step.operation.id,
      reads: Object.fromEntries(step.reads.map(read => [read.arg, names.get(read.value) ?? read.value])),
      parameters: step.parameters.map(({ doc, name, origin, type, unit, value: given }) => ({
        name,
        value: given,
        type,
        origin,
        ...(unit === undefined ? {} : { unit }),
        ...(doc === undefined ? {} : { doc })
      })),
      results: step.writes.filter(({ arg }) => arg.startsWith('return')).map(write => nameOf(write.value)),
      digests,
      ...(typeof step.doc === 'string' && step.doc !== '' ? { doc: step.doc } : {})
    })
  )
  step.writes.forEach((write, i) => {
    const made = written.step.writes[i]?.value
    if (made !== undefined) names.set(write.value, made)
  })
  return written.text
}

/** The name that a step only gives to another value, or that its input takes where it was switched off. */
const renaming = (step: Step, run: boolean): { readonly from: string; readonly to: string } | undefined => {
  if (!run) return standIn(step)
  return isRenaming(step) ? { from: step.reads[0]?.value ?? '', to: step.writes[0]?.value ?? '' } : undefined
}

const open = (
  writer: LogWriter,
  prepared: Prepared,
  input: Plan['inputs'][number],
  folder: string,
  names: Map<string, string>
): string => {
  const given = prepared.inputs.find(({ name }) => name === input.name)
  if (given === undefined)
    throw newError('input-missing', `The input ${input.name} was not given.`, 'Name its file with --input NAME=FILE.')
  const opened = value(writer.open({ name: input.name, file: relative(folder, resolve(given.file)) || given.file }))
  names.set(input.value, opened.input.value)
  return opened.text
}

/**
 * Writes the log of a replay: the steps that ran, a step that was switched off replaced by its input.
 * Rejects with `log-grammar` where a step cannot be written as a call.
 */
export const playedLog = async (
  prepared: Prepared,
  reports: readonly StepReport[],
  folder: string,
  capabilities: Capabilities
): Promise<PlayedLog> => {
  const session = newSession(capabilities)
  const writer = await promised(
    newLogWriter({ host: { name: 'bims player', version }, session, libraries: { 'scikit-image': '0.26.0' } })
  )
  const texts = [writer.header]
  const names = new Map<string, string>()
  for (const input of prepared.plan.inputs) texts.push(open(writer, prepared, input, folder, names))
  for (const { run, step } of prepared.plan.steps) {
    const report = reports.find(({ index }) => index === step.index)
    if (report === undefined) continue
    const renamed = renaming(step, run)
    if (renamed !== undefined) names.set(renamed.to, names.get(renamed.from) ?? renamed.from)
    else if (run) texts.push(append(writer, step, report, names))
  }
  const { log } = await parseLog(utf8(texts.join('')), 'replay.py', capabilities)
  return { log, session, names }
}
