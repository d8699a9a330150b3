import { isRestricted, macroOf, newError, parseValueName, type Manifest } from '@bims/core'
import type { StepReport } from '@bims/player'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../files/file-error.ts'
import { identityOf } from '../identity/identity.ts'
import { production } from '../production.ts'
import { writeArray } from '../save/array-file.ts'
import type { SaveParts } from '../save/build-bundle.ts'
import { logParts, savedImage } from '../save/log-parts.ts'
import { saveNewImage } from '../save/new-image.ts'
import { anyRestricted } from '../save/restriction.ts'
import { newImageFile, prepareOutbox, queueRecords } from '../submit/queue.ts'
import { playedLog, type PlayedLog } from './played-log.ts'
import type { PlayedReplay, Prepared } from './prepared.ts'
import type { SaveOutputsOptions } from './save-options.ts'

const replayOf = (prepared: Prepared): NonNullable<Manifest['replayOf']> => {
  const digests = prepared.play.inputDigests()
  return {
    manifest: prepared.read.manifest.id,
    changed: prepared.plan.steps.flatMap(({ changed, run, step }) =>
      run ? changed.map(parameter => ({ step: step.index, parameter })) : [{ step: step.index, parameter: '*' }]
    ),
    inputs: prepared.macro.inputs
      .filter(input => input.digest !== undefined && input.digest !== digests.get(input.name))
      .map(({ name }) => name)
  }
}

/** Name of an output in the log of the replay; where all of its steps were switched off it is an input. */
const nameIn = (played: PlayedLog, recorded: string): string =>
  parseValueName(played.names.get(recorded) ?? recorded)?.name ?? recorded

/**
 * Saves one output of a replay that has run, with its own history: the steps that ran, with their parameters, and
 * `replayOf`. Rejects with `output-unknown` where the output was not made, `file-exists`, `disk-full`.
 */
export const saveOutput = async (
  replay: PlayedReplay,
  reports: readonly StepReport[],
  name: string,
  path: string,
  options: SaveOutputsOptions = {}
): Promise<string> => {
  const capabilities = options.capabilities ?? production
  const prepared = await replay.prepare()
  const pixels = await replay.output(name)
  const recorded = macroOf(prepared.read)?.record.outputs.find(output => output.name === name)
  if (pixels === undefined || recorded === undefined)
    throw newError(
      'output-unknown',
      `The replay made no ${name}.`,
      'Run the steps that make it; `bims replay` says which did not run.'
    )
  const played = await playedLog(prepared, reports, dirname(resolve(path)), capabilities)
  const identity = await identityOf(options)
  const restricted =
    options.restricted ??
    (isRestricted(prepared.read.bundle.manifest) || (await anyRestricted(prepared.inputs.map(({ file }) => file))))
  await prepareOutbox(identity, options, restricted)
  const saved = await saveNewImage({
    path,
    write: file => writeArray(file, pixels, { name }),
    parts: async (opened, images): Promise<SaveParts> => {
      const told = await logParts({
        log: played.log,
        session: played.session,
        logFile: join(dirname(resolve(path)), 'replay.py'),
        folder: dirname(path),
        restricted,
        output: nameIn(played, recorded.value),
        image: savedImage(opened, images),
        capabilities,
        watch: {}
      })
      return {
        images,
        notCovered: [],
        ...told.history,
        macro: told.macro,
        sources: told.sources,
        software: told.software,
        replayOf: replayOf(prepared),
        restricted
      }
    },
    ...(identity === undefined ? {} : { identity }),
    capabilities,
    overwrite: options.overwrite === true,
    watch: {}
  })
  await queueRecords(newImageFile(saved), identity, options)
  return path
}

/** Saves every output that a replay made as `<name>.ome.tif` in a folder, which is made where it does not exist. */
export const saveOutputs = async (
  replay: PlayedReplay,
  reports: readonly StepReport[],
  folder: string,
  options: SaveOutputsOptions = {}
): Promise<readonly string[]> => {
  await makeFolder(folder)
  const saved: string[] = []
  for (const { name } of await replay.outputs()) {
    saved.push(
      await saveOutput(replay, reports, name, join(folder, `${name.replace(/[^\w.-]/g, '_')}.ome.tif`), options)
    )
  }
  return saved
}
