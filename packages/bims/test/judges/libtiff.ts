import { join } from 'node:path'
import { isThere, run, sha256, type Ended, type Judge, type Judgement } from './judge.ts'

/** Its words without what must differ: the file's name, the bundle's tag, and where the first directory stands. */
const comparable = ({ code, err, out }: Ended, file: string): string =>
  `${code ?? 'killed'}\n${out}\n${err}`
    .replaceAll(file, 'FILE')
    .split('\n')
    .filter(line => !/^ *Tag 65519: |Unknown field with tag 65519 /.test(line))
    .join('\n')

const withoutFirstOffset = (text: string): string => text.replace(/^(TIFF Directory at offset) .*$/m, '$1 …')

/** Decoded samples of a chain of directories: `tiffcp` writes all of them uncompressed, in strips. */
const decoded = async (file: string, chain: readonly string[], out: string): Promise<Judgement> => {
  const copied = await run('tiffcp', ['-c', 'none', '-s', ...chain, file, out])
  return copied.code === 0
    ? { said: `${sha256(out)} ${comparable(copied, file)}` }
    : { refused: comparable(copied, file) }
}

const rendered = async (file: string, out: string): Promise<string> => {
  const made = await run('tiff2rgba', ['-c', 'none', file, out])
  return `${made.code === 0 ? sha256(out) : 'refused'} ${comparable(made, file)}`
}

const judged = async (file: string, scratch: string): Promise<Judgement> => {
  // All tags of all directories, the offsets of their strips and tiles among them; -D reads all data.
  const info = await run('tiffinfo', ['-D', '-s', '-c', '-j', file])
  const levels = [...info.out.matchAll(/^ *SubIFD Offsets: (.*)$/gm)].flatMap(
    match => match[1]?.trim().split(/\s+/) ?? []
  )
  const parts: string[] = [withoutFirstOffset(comparable(info, file))]
  const chains = [[], ...levels.map(offset => ['-o', offset])]
  for (const [i, chain] of chains.entries()) {
    const samples = await decoded(file, chain, join(scratch, `chain-${i}.tif`))
    if ('refused' in samples) return samples
    parts.push(samples.said)
    if (i > 0) parts.push(comparable(await run('tiffinfo', ['-D', '-s', '-c', '-j', ...chain, file]), file))
  }
  parts.push(await rendered(file, join(scratch, 'rendered.tif')))
  return { said: parts.join('\n') }
}

const programs = ['tiffinfo', 'tiffcp', 'tiff2rgba']

/** libtiff's own programs: `tiffinfo` for tags, `tiffcp` and `tiff2rgba` for samples. */
export const libtiff: Judge = {
  name: 'libtiff',
  missing: programs.every(program => isThere(program, '-h'))
    ? undefined
    : `no ${programs.join(', ')} (Debian: libtiff-tools)`,
  version: async () => {
    const { err, out } = await run('tiffinfo', ['-h'])
    return `libtiff ${/LIBTIFF, Version (\S+)/.exec(out + err)?.[1] ?? 'of unknown version'}`
  },
  judge: async (files, scratch) => {
    const judgements: Judgement[] = []
    for (const file of files) judgements.push(await judged(file, scratch))
    return judgements
  }
}
