import { parseValueName } from '@bims/core'
import { startEmbedded, type EmbeddedNetwork } from '@bims/network'
import { differenceMap, differenceOf, type NamedArray, type StepReport } from '@bims/player'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, extname, join, relative, resolve } from 'node:path'
import { openBims } from '../bims.ts'
import { onDisk } from '../files/file-error.ts'
import { withImage } from '../files/open-image.ts'
import { readAsImread } from '../files/read-pixels.ts'
import { inspect, type InspectReport } from '../inspect/inspect.ts'
import { readLogFile } from '../log/read-log.ts'
import { production } from '../production.ts'
import { replay } from '../replay/replay.ts'
import { saveFile } from '../save/save-file.ts'
import type { SaveResult } from '../save/save-result.ts'
import { sliceLog } from '../save/slice-log.ts'
import { ledgerOf } from '../submit/ledger-access.ts'
import { submitFiles, type SubmitReport } from '../submit/submit-files.ts'
import { verify } from '../verify/verify.ts'
import { runSession } from './imaging-session.ts'
import { newNarrator, type Narrator } from './narrator.ts'
import { storyPage } from './page.ts'
import { writeRelated } from './related.ts'
import { acquireSimulated, micrographSize } from './simulated-instrument.ts'
import { tamper, type Tampered } from './tampering.ts'

/** How the demo is told. */
export interface DemoOptions {
  /** An image of one's own; without it a simulated microscope makes one. */
  readonly file?: string
  /** Folder for all files; must not exist yet. */
  readonly to?: string
  readonly say: (text: string) => void
  readonly signal: AbortSignal
}

/** How the demo ended. */
export interface DemoResult {
  /** Everything came out as it should: verified, replayed bit-equal, each tampering noticed. */
  readonly ok: boolean
  readonly folder: string
  /** The page to open in a browser. */
  readonly summary: string
  readonly files: Readonly<Record<string, string>>
  readonly milliseconds: number
  readonly tampered: readonly Tampered[]
}

/** What the acts share. */
interface Stage {
  readonly narrator: Narrator
  readonly folder: string
  readonly ledger: string
  readonly signal: AbortSignal
  readonly file: string | undefined
}

const milliseconds = (since: number): string => `${Math.round(performance.now() - since)} ms`

const mebibytes = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`

const as = (
  stage: Stage,
  user: string
): { readonly as: string; readonly network: string; readonly outbox: string } => ({
  as: user,
  network: stage.ledger,
  outbox: join(stage.folder, 'outboxes', user.replace('/', '-'))
})

const committed = ({ records, warnings }: SubmitReport): string => {
  const waiting = records.filter(({ status }) => status !== 'committed')
  if (waiting.length > 0)
    return `${waiting.length} of ${records.length} not committed: ${waiting[0]?.error?.what ?? warnings.join('; ')}`
  return records.map(({ block, kind }) => `${kind} in block ${block ?? '?'}`).join(', ')
}

const startLedger = async ({ ledger, narrator }: Stage): Promise<EmbeddedNetwork> => {
  narrator.act(
    'A ledger of two organisations starts',
    'Two organisations share a Hyperledger Fabric channel. This one runs embedded in the demo: real protocol, real certificates, real blocks, but one machine.'
  )
  const started = performance.now()
  const network = await startEmbedded({ dir: ledger })
  narrator.figure('up in', milliseconds(started))
  for (const { identities, name, peers } of network.profile.organizations) {
    narrator.figure(
      name,
      `${peers.map(({ endpoint }) => endpoint).join(', ')} with ${Object.keys(identities).join(', ')}`
    )
  }
  return network
}

const rawName = (file: string | undefined): string =>
  file === undefined ? 'raw.ome.tif' : `raw${extname(basename(file, '.tif')) === '.ome' ? '.ome' : ''}${extname(file)}`

const nativeWords = ({ coverage: { carried, mapped, native }, formats }: InspectReport): string => {
  if (native === 0) return formats.join(', ') || 'none'
  return mapped === 0
    ? `${native} entries, kept verbatim`
    : `${native} entries, ${carried} carried, ${mapped} understood`
}

/** The acquisition: a simulated one through the API for vendors, or the user's own file with its native metadata. */
const acquire = async (stage: Stage): Promise<string> => {
  const { file, folder, narrator, signal } = stage
  narrator.act(
    file === undefined ? 'A microscope takes a micrograph' : 'An image comes with its native metadata',
    'The instrument of the first organisation records every parameter, signs the acquisition and submits it to the ledger.'
  )
  const scope = as(stage, 'org1/scope')
  const path = join(folder, rawName(file))
  const started = performance.now()
  const saved: SaveResult =
    file === undefined
      ? await acquireSimulated(await openBims(scope), path, 7)
      : await saveFile(file, { ...scope, target: { to: path }, signal })
  narrator.figure(
    'file',
    `${basename(path)}, ${mebibytes((await stat(path)).size)}, saved with its history in ${milliseconds(started)}`
  )
  if (saved.sidecar !== undefined) narrator.figure('history', `in ${basename(saved.sidecar)}: ${saved.why ?? ''}`)
  const report = await inspect(path)
  narrator.figure('native metadata', nativeWords(report))
  const { essential } = report.completeness
  narrator.figure(
    'completeness',
    `${essential.present} of ${essential.applicable} essential${essential.missing.length === 0 ? '' : `, missing ${essential.missing.join(', ')}`}`
  )
  narrator.figure('signed by', saved.signedBy ?? 'nobody')
  narrator.figure('on the ledger', committed(await submitFiles([], scope)))
  // An instrument's own record is the steward's to submit.
  const steward = await submitFiles([path], as(stage, 'org1/sam'))
  if (steward.records.length > 0) narrator.figure('by its steward', committed(steward))
  return path
}

/** How many images, by name, the steps of a log make. */
const imagesIn = async (logFile: string): Promise<number> => {
  const { log } = await readLogFile(logFile, production)
  const names = log.steps.flatMap(step => step.writes).flatMap(write => parseValueName(write.value) ?? [])
  return new Set(names.filter(({ kind }) => kind === 'image').map(({ name }) => name)).size
}

/** The imaging session and Save Image. */
const workAndSave = async (
  stage: Stage,
  raw: string
): Promise<{ readonly saved: string; readonly input: NamedArray }> => {
  const { folder, narrator } = stage
  narrator.act(
    'A scientist works on it',
    'Every operation is really executed and logged as runnable Python with its documentation: some make the image of interest, some another image, some change only the display, some are undone or overwritten.'
  )
  const alice = as(stage, 'org1/alice')
  const bims = await openBims(alice)
  const logFile = join(folder, 'session.py')
  const started = performance.now()
  const { cells, crop, edges, log } = await runSession(bims, raw, logFile)
  const sliced = await sliceLog(logFile, 'cells')
  const steps = sliced.macro.head.size
  narrator.figure(
    'log',
    `${basename(logFile)}: ${steps} steps over ${await imagesIn(logFile)} images, run in ${milliseconds(started)}`
  )
  const input = await crop.pixels()
  await narrator.picture('before.png', 'the region that the scientist looked at', input.array)
  await narrator.picture('edges.png', 'another image of the session', (await edges.pixels()).array)

  narrator.act(
    'Save Image',
    'The log is sliced for the image of interest; what did not matter is redacted, provably. What is left is signed, embedded in the file, and submitted.'
  )
  const path = join(folder, 'cells.ome.tif')
  const saving = performance.now()
  const result = await bims.save(path, cells)
  await log.close()
  narrator.figure('file', `${basename(path)}, ${mebibytes((await stat(path)).size)}, saved in ${milliseconds(saving)}`)
  narrator.figure(
    'kept',
    `${result.macro?.kept ?? 0} of ${result.macro?.steps ?? 0} steps; that the others did not matter is ${result.macro?.proof === 'replayed' ? 'known from replaying both' : 'known from rules only'}`
  )
  narrator.figure('signed by', result.signedBy ?? 'nobody')
  narrator.figure('on the ledger', committed(await submitFiles([], alice)))
  narrator.table({
    head: ['step', 'operation', 'in the file'],
    rows: [
      ...sliced.kept.map(step => [String(step.index), step.operation.name, 'kept'] as const),
      ...sliced.dropped.map(({ operation, reason, step }) => [String(step), operation, `redacted: ${reason}`] as const)
    ].sort(([a], [b]) => Number(a) - Number(b)),
    classes: Array.from({ length: steps }, (_, i) => (sliced.kept.some(step => step.index === i) ? 'kept' : 'dropped'))
  })
  narrator.again({ file: 'before.png', caption: 'before: the region that the scientist looked at' })
  await narrator.picture(
    'after.png',
    'after: the image of interest, every object with its label',
    (await cells.pixels()).array,
    'labels'
  )
  return { saved: path, input: await withImage(raw, readAsImread) }
}

const replayed = async (
  stage: Stage,
  saved: string,
  inputs: Readonly<Record<string, string>> | undefined
): Promise<{
  readonly steps: readonly StepReport[]
  readonly equal: boolean
  readonly pixels: NamedArray | undefined
  readonly words: string
  readonly path: string | undefined
}> => {
  const play = replay(saved, { signal: stage.signal, ...(inputs === undefined ? {} : { inputs }) })
  try {
    const started = performance.now()
    for await (const _ of play);
    const steps = play.reports()
    const [output] = await play.outputs()
    // The same pixels once more need no file; a related image's result does.
    const path = inputs === undefined ? undefined : join(stage.folder, 'cells-related.ome.tif')
    const words = `${steps.filter(({ status }) => status === 'equal').length} of ${steps.length} steps equal, in ${milliseconds(started)}`
    if (path !== undefined) await play.save(path, as(stage, 'org2/bob'))
    return { steps, equal: output?.equal === true, pixels: await play.output('cells'), words, path }
  } finally {
    await play.close()
  }
}

const tellTampering = (narrator: Narrator, tampered: readonly Tampered[]): void => {
  for (const { noticed, says, what } of tampered)
    narrator.figure(
      what,
      `${noticed ? 'noticed' : 'NOT NOTICED'}: ${says.slice(0, 140)}${says.length > 140 ? ' …' : ''}`
    )
  narrator.table({
    head: ['tampered with', 'noticed', 'what verification says'],
    rows: tampered.map(({ noticed, says, what }) => [what, noticed ? 'yes' : 'no', says]),
    classes: tampered.map(({ noticed }) => (noticed ? 'pass' : 'fail'))
  })
}

/** The second organisation, with nothing but the file and the first one's root certificate. */
const verifyAndReplay = async (
  stage: Stage,
  raw: string,
  saved: string,
  input: NamedArray
): Promise<{
  readonly ok: boolean
  readonly tampered: readonly Tampered[]
  readonly files: Readonly<Record<string, string>>
}> => {
  const { folder, ledger, narrator, signal } = stage
  narrator.act(
    'Another organisation checks it and plays it again',
    'Bob of the second organisation has the saved file and the root certificate of the first. He verifies the file, replays its steps on the same image and on a related one, and tampers with copies.'
  )
  const trust = [join(ledger, 'organizations', 'org1', 'root.pem')]
  const access = await ledgerOf({ as: 'org2/bob', network: ledger })
  const report = await verify(saved, { trust, ledger: access, signal }).finally(() => access.close())
  narrator.figure('verdict', `${report.verdict}, trust: ${report.trust}`)
  narrator.table({
    head: ['check', 'result', 'why'],
    rows: report.checks.map(({ name, status, why }) => [name, status, why]),
    classes: report.checks.map(({ status }) => status)
  })
  const same = await replayed(stage, saved, undefined)
  narrator.figure('replay, same image', `${same.equal ? 'bit-equal' : 'DIFFERS'} (${same.words})`)
  const related = join(folder, 'related.ome.tif')
  await writeRelated(related, stage.file === undefined ? undefined : input)
  const other = await replayed(stage, saved, { raw: related })
  narrator.figure('replay, related image', `${basename(other.path ?? '')}, with a history of its own`)
  if (other.pixels !== undefined)
    await narrator.picture('related.png', 'the same steps on a related image', other.pixels.array, 'labels')
  if (other.pixels !== undefined && same.pixels !== undefined) await differences(narrator, same.pixels, other.pixels)
  const tampered = await tamper(saved, ledger, folder, trust)
  tellTampering(narrator, tampered)
  return {
    ok: report.verdict === 'verified' && same.equal && tampered.every(({ noticed }) => noticed),
    tampered,
    files: { raw, log: join(folder, 'session.py'), saved, ...(other.path === undefined ? {} : { related: other.path }) }
  }
}

const differences = async (narrator: Narrator, same: NamedArray, other: NamedArray): Promise<void> => {
  const difference = differenceOf(same.array, other.array)
  if (difference === undefined) return
  narrator.figure(
    'related differs',
    `in ${((100 * difference.count) / difference.total).toFixed(1)} % of the pixels, as it should`
  )
  await narrator.picture(
    'difference.png',
    'where the related result differs from the recorded one',
    differenceMap(same.array, other.array),
    'difference'
  )
}

const newFolder = async (to: string | undefined): Promise<string> => {
  const folder = resolve(to ?? `bims-demo-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`)
  await onDisk(`Making the folder ${folder}`, mkdir(folder, { recursive: false }))
  return folder
}

/** Tells the main job as a story in five acts, with real figures. Rejects with whatever an act rejects with. */
export const runDemo = async ({ file, say, signal, to }: DemoOptions): Promise<DemoResult> => {
  const started = performance.now()
  if (file !== undefined) await withImage(file, () => Promise.resolve())
  const folder = await newFolder(to)
  const narrator = newNarrator(folder, say)
  const stage: Stage = { narrator, folder, ledger: join(folder, 'ledger'), signal, file }
  const network = await startLedger(stage)
  try {
    const raw = await acquire(stage)
    const { input, saved } = await workAndSave(stage, raw)
    const { files, ok, tampered } = await verifyAndReplay(stage, raw, saved, input)
    const summary = join(folder, 'index.html')
    const subtitle =
      file === undefined
        ? `A simulated micrograph of ${micrographSize} × ${micrographSize} pixels, from the instrument to another laboratory.`
        : `${basename(file)}, from the instrument to another laboratory.`
    await writeFile(summary, storyPage('The history of an image', subtitle, narrator.acts()))
    const took = performance.now() - started
    say(
      `\n${ok ? 'Everything came out as it should' : 'SOMETHING DID NOT COME OUT AS IT SHOULD'}, in ${(took / 1000).toFixed(1)} s.\nAll files: ${relative('.', folder) || folder}\nThe story with its pictures: ${relative('.', summary)}\n`
    )
    return { ok, folder, summary, files, milliseconds: Math.round(took), tampered }
  } finally {
    await network.close()
  }
}
