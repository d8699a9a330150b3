import { writeTiff } from '@bims/adapters/containers/tiff'
import { newAuthority, identityText } from '@bims/network'
import { isLeft } from 'fp-ts/lib/Either.js'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** A log written by hand that makes a mask of `cells.tif`. */
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

export const newWorkspace = async (): Promise<Workspace> => {
  const folder = await mkdtemp(join(tmpdir(), 'bims-test-'))
  const at = (name: string): string => join(folder, name)
  const written = await writeTiff(at('cells.tif'), { axes: ['y', 'x'], shape: [120, 160], dtype: 'uint16', planes: [cells()] })()
  if (isLeft(written)) throw new Error(written.left.what)
  await writeFile(at('session.py'), handwritten)
  return { folder, at, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** How a run of the program ended. */
export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
  /** Standard output as the one JSON value that `--json` promises. */
  readonly json: () => Record<string, unknown>
}

/** Runs the program in this process, with nothing of the machine's environment. */
export const bims = async (...args: readonly string[]): Promise<Run> => {
  const [out, err]: [string[], string[]] = [[], []]
  const code = await runProgram(args, {
    out: text => out.push(typeof text === 'string' ? text : new TextDecoder().decode(text)),
    err: text => err.push(text),
    terminal: false,
    env: {},
    signal: new AbortController().signal
  })
  return { code, out: out.join(''), err: err.join(''), json: () => JSON.parse(out.join('')) as Record<string, unknown> }
}

/** An identity file of a scientist and the root that it leads to, without a network. */
export const newScientist = async ({ at }: Workspace, name = 'carol'): Promise<{ readonly identity: string; readonly root: string }> => {
  const authority = await newAuthority({ name: `ca.${name}`, organization: name })
  const credential = await authority.issue({ name, role: 'client', attributes: { 'bims.role': 'scientist', 'hf.EnrollmentID': name } })
  await writeFile(at(`${name}.pem`), identityText(credential))
  await writeFile(at(`${name}-root.pem`), authority.certificate)
  return { identity: at(`${name}.pem`), root: at(`${name}-root.pem`) }
}
