import { beside, pythonWith, run, type Judge, type Judgement } from './judge.ts'

const python = pythonWith('tifffile, imagecodecs')

/** Why tifffile cannot be used; undefined where it can. */
export const noTifffile = python === undefined ? 'no Python with tifffile and imagecodecs (set BIMS_PYTHON)' : undefined

const program = async (args: readonly string[], input = ''): Promise<string> => {
  const { code, err, out } = await run(python ?? 'python3', ['-W', 'ignore', beside('tifffile_judge.py'), ...args], {
    input
  })
  if (code !== 0) throw new Error(`tifffile_judge.py ${args.join(' ')}: ${err}`)
  return out
}

/** Names of the files that {@link makeWithTifffile} makes. */
export const madeWithTifffile = ['plain.ome.tif', 'pyramid.ome.tif', 'big-endian.btf', 'jpeg-rgb.tif'] as const

/** Makes {@link madeWithTifffile} in a folder. */
export const makeWithTifffile = async (folder: string): Promise<void> => {
  await program(['make', folder])
}

/** Changes one sample, or the first description, of a file. */
export const changeFile = async (what: 'sample' | 'tag', file: string): Promise<void> => {
  await program(['change', what, file])
}

const judgement = (value: { readonly said?: unknown; readonly refused?: string }): Judgement =>
  value.refused === undefined ? { said: JSON.stringify(value.said) } : { refused: value.refused }

/** Pixels of every series and level, every tag of every directory, and the metadata that tifffile reads from them. */
export const tifffile: Judge = {
  name: 'tifffile',
  missing: noTifffile,
  version: async () => (await program(['version'])).trim(),
  judge: async files =>
    (JSON.parse(await program(['judge'], JSON.stringify(files))) as Parameters<typeof judgement>[0][]).map(judgement)
}
