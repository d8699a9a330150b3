import { writeTiff } from '@bims/adapters/containers/tiff/file'
import { newAuthority, identityText } from '@bims/network'
import { isLeft } from 'fp-ts/lib/Either.js'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { runProgram } from '../src/cli/program.ts'

/** A folder of its own for a test, with an image and a log in it. */
export interface Workspace {
  readonly folder: string
  readonly at: (name: string) => string
  readonly remove: () => Promise<void>
}

/** Two bright blocks on a dark, uneven ground. */
export const cells = (width = 160, height = 120): Uint16Array =>
  Uint16Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    const bright = (x > 20 && x < 60 && y > 15 && y < 50) || (x > 90 && x < 140 && y > 60 && y < 100)
    return 300 + ((i * 2654435761) % 211) + (bright ? 3000 : 0)
  })

/** A log written by hand that makes a mask of `cells.tif`; step 1 does not matter for it. */
export const handwritten = `import skimage.io
import skimage.filters
import skimage.morphology
raw = skimage.io.imread('cells.tif')
smooth = skimage.filters.gaussian(raw, sigma=2.0)
edges = skimage.filters.sobel(raw)
level = skimage.filters.threshold_otsu(smooth)
mask = smooth > level
mask = skimage.morphology.opening(mask)
`

/** Writes a single plane of uint16. */
export const writeImage = async (
  path: string,
  data: Uint16Array,
  shape: readonly number[] = [120, 160]
): Promise<void> => {
  const written = await writeTiff(path, { axes: ['y', 'x'], shape, dtype: 'uint16', planes: [data] })()
  if (isLeft(written)) throw new Error(written.left.what)
}

/** A new folder with `cells.tif` and `session.py`. */
export const newWorkspace = async (): Promise<Workspace> => {
  const folder = await mkdtemp(join(tmpdir(), 'bims-test-'))
  const at = (name: string): string => join(folder, name)
  await writeImage(at('cells.tif'), cells())
  await writeFile(at('session.py'), handwritten)
  return { folder, at, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Every file below a folder with the digest of its bytes: what was there before and after. */
export const listing = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const found: Record<string, string> = {}
  for (const entry of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, entry)
    found[relative(folder, path)] = (await stat(path)).isDirectory()
      ? 'folder'
      : createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
  }
  return found
}

/** How a run of the program ended. */
export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
  /** Standard output as the one JSON value that `--json` promises; throws where it is none, or more than one. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a test expects of it is the test
  readonly json: () => any
}

/** How a run differs from an ordinary one. */
export interface RunOptions {
  readonly signal?: AbortSignal
  readonly terminal?: boolean
}

/** Runs the program in this process. */
export const run = async (
  args: readonly string[],
  { signal = new AbortController().signal, terminal = false }: RunOptions = {}
): Promise<Run> => {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await runProgram(args, {
    out: text => void out.push(typeof text === 'string' ? text : new TextDecoder().decode(text)),
    err: text => void err.push(text),
    terminal,
    env: {},
    signal
  })
  return { code, out: out.join(''), err: err.join(''), json: () => JSON.parse(out.join('')) as unknown }
}

/** Runs the program with these words. */
export const bims = (...args: readonly string[]): Promise<Run> => run(args)

/** An identity file of a scientist and the root that it leads to, without a network. */
export const newIdentity = async (
  { at }: Workspace,
  name = 'carol',
  role = 'scientist'
): Promise<{ readonly identity: string; readonly root: string }> => {
  const authority = await newAuthority({ name: `ca.${name}`, organization: name, embedded: false })
  const credential = await authority.issue({
    name,
    role: 'client',
    attributes: { 'bims.role': role, 'hf.EnrollmentID': name }
  })
  await writeFile(at(`${name}.pem`), identityText(credential))
  await writeFile(at(`${name}-root.pem`), authority.credential.certificate)
  return { identity: at(`${name}.pem`), root: at(`${name}-root.pem`) }
}

/** Makes the mask of the log as its user would have: by playing it, here in the project's own session. */
export const makeMask = async (workspace: Workspace): Promise<string> => {
  const { openBims } = await import('../src/bims.ts')
  const { writeArray } = await import('../src/save/array-file.ts')
  const { createWhole } = await import('@bims/adapters/sources/whole-file')
  const log = (await openBims({ outbox: workspace.at('unused') })).log({ host: { name: 'test', version: '1' } })
  const raw = log.open('raw', workspace.at('cells.tif'))
  const smooth = await log.step('skimage.filters.gaussian', { image: raw }, { sigma: 2 })
  const level = await log.step('skimage.filters.threshold_otsu', { image: smooth })
  const mask = await log.step('skimage.morphology.opening', {
    image: await log.step('numpy.greater', { x1: smooth, x2: level })
  })
  const pixels = await mask.pixels()
  const written = await createWhole(workspace.at('mask.tif'), file => writeArray(file, pixels, { name: 'mask' }))()
  if (isLeft(written)) throw new Error(written.left.what)
  return workspace.at('mask.tif')
}
