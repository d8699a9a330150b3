import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const root = here('../../../../')

/** A program that judges files that we wrote: what it makes of each, as text to be compared before and after. */
export interface Judge {
  readonly name: string
  /** Why it cannot judge here; undefined where it can. */
  readonly missing: string | undefined
  readonly version: () => string
  readonly judge: (files: readonly string[], scratch: string) => readonly string[]
}

/** The Python with tifffile: BIMS_PYTHON, the project's own judges, or the machine's. */
export const python = (): string | undefined =>
  [process.env['BIMS_PYTHON'], join(root, '.cache/judges/bin/python'), 'python3'].find(
    candidate => candidate !== undefined && spawnSync(candidate, ['-c', 'import tifffile, imagecodecs']).status === 0
  )

const run = (command: string, args: readonly string[], input?: string): string => {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...(input === undefined ? {} : { input }) })
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`)
  return result.stdout
}

/** Makes the files of the issue with tifffile itself. */
export const makeWithTifffile = (folder: string): readonly string[] => {
  run(python() ?? 'python3', [here('tifffile_judge.py'), 'make', folder])
  return ['plain.ome.tif', 'pyramid.ome.tif', 'big-endian.btf', 'jpeg-rgb.tif'].map(name => join(folder, name))
}

const tifffile: Judge = {
  name: 'tifffile',
  missing: python() === undefined ? 'no Python with tifffile' : undefined,
  version: () => run(python() ?? '', [here('tifffile_judge.py'), 'version']).trim(),
  judge: files => (JSON.parse(run(python() ?? '', [here('tifffile_judge.py')], JSON.stringify(files))) as unknown[]).map(one => JSON.stringify(one))
}

const hasTiffinfo = spawnSync('tiffinfo', ['-h']).error === undefined

const normalized = (text: string): string =>
  text
    .split('\n')
    .filter(line => !/65519/.test(line) && !/^=== |^TIFF Directory at offset|TIFFReadDirectory: Warning|SubIFD Offsets/.test(line))
    .join('\n')

/** libtiff prints all tags of all directories; the decoded samples are compared by `tiffcmp`, which is silent on equal files. */
const libtiff: Judge = {
  name: 'libtiff',
  missing: hasTiffinfo ? undefined : 'no tiffinfo (Debian: libtiff-tools)',
  version: () => /LIBTIFF, Version (\S+)/.exec(spawnSync('tiffinfo', ['-h'], { encoding: 'utf8' }).stdout + spawnSync('tiffinfo', ['-h'], { encoding: 'utf8' }).stderr)?.[1] ?? '?',
  judge: files => files.map(file => {
    const info = spawnSync('tiffinfo', ['-D', file], { encoding: 'utf8', maxBuffer: 1 << 28 })
    return `${info.status ?? 'none'} ${normalized(info.stdout)}`
  })
}

const jar = [join(root, '.cache/judges/ij.jar'), process.env['BIMS_IMAGEJ'] ?? ''].find(candidate => candidate !== '' && existsSync(candidate))
const hasXvfb = spawnSync('xvfb-run', ['--help']).error === undefined
const hasJava = spawnSync('java', ['-version']).error === undefined

const digestOfFile = (path: string): string => (existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'nothing')

const imagej: Judge = {
  name: 'ImageJ',
  missing: jar === undefined ? 'no ij.jar (net.imagej:ij:1.54p)' : hasJava && hasXvfb ? undefined : 'no Java or no xvfb-run',
  version: () => '1.54p',
  judge: (files, scratch) => {
    // One image that ImageJ refuses would end the whole macro: each has its own list.
    return files.map((file, i) => {
      const list = join(scratch, `list-${i}.txt`)
      const raw = join(scratch, `judged-${i}.raw`)
      writeFileSync(list, `${file}\t${raw}`)
      spawnSync('xvfb-run', ['-a', 'java', '-Xmx2g', '-jar', jar ?? '', '-batch', here('imagej.ijm'), list], { encoding: 'utf8', timeout: 120_000 })
      if (!existsSync(`${list}.out`)) return 'refused'
      return `${readFileSync(`${list}.out`, 'utf8').split('\t').slice(1).join(' ').trim()} ${digestOfFile(raw)}`
    })
  }
}

/** The judges of the issue. */
export const judges: readonly Judge[] = [libtiff, tifffile, imagej]

/** Compares decoded samples of two files with libtiff: empty where they are equal. */
export const tiffcmp = (a: string, b: string): string => {
  const result = spawnSync('tiffcmp', ['-t', a, b], { encoding: 'utf8' })
  return result.stdout
}
