import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beside, fromRoot, isThere, run, sha256, type Judge, type Judgement } from './judge.ts'

const jar = [process.env['BIMS_IMAGEJ'], fromRoot('.cache/judges/ij.jar')].find(
  candidate => candidate !== undefined && existsSync(candidate)
)

const missing = (): string | undefined => {
  if (jar === undefined) return 'no ij.jar (Maven: net.imagej:ij:1.54p)'
  if (!isThere('java', '-version')) return 'no java'
  return isThere('xvfb-run', '--help') ? undefined : 'no xvfb-run (Debian: xvfb)'
}

/** Runs the macro over a list of files; what it wrote until it ended, or was ended, as key → lines. */
const macro = async (
  files: readonly string[],
  keys: readonly string[],
  list: string
): Promise<ReadonlyMap<string, readonly string[]>> => {
  writeFileSync(list, files.map((file, i) => `${file}\t${keys[i] ?? ''}`).join('\n'))
  await run('xvfb-run', ['-a', 'java', '-Xmx1g', '-jar', jar ?? '', '-batch', beside('imagej.ijm'), list], {
    seconds: 60
  })
  const lines = existsSync(`${list}.out`) ? readFileSync(`${list}.out`, 'utf8').trimEnd().split('\n') : []
  const told = new Map<string, string[]>()
  for (const line of lines) {
    const [key = '', words = ''] = line.split('\t')
    told.set(key, [...(told.get(key) ?? []), words])
  }
  return told
}

/** One judgement from the macro's lines; undefined where the macro never came to the file. */
const judgementOf = (lines: readonly string[] | undefined, key: string): Judgement | undefined => {
  if (lines?.[0] !== 'begin') return undefined
  if (lines.at(-1) !== 'end') return { refused: 'ImageJ ended' }
  const windows = lines.slice(1, -1)
  if (windows.length === 0) return { refused: 'ImageJ opened nothing' }
  return {
    said: windows
      .map((words, i) => `${words} ${sha256(`${key}.${i + 1}.raw`)} ${sha256(`${key}.${i + 1}.txt`)}`)
      .join('\n')
  }
}

/** ImageJ without further plugins: raw samples, dimensions, calibration and the image's text. */
export const imagej: Judge = {
  name: 'ImageJ',
  missing: missing(),
  version: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bims-imagej-'))
    const told = await macro([], [], join(folder, 'list'))
    rmSync(folder, { recursive: true })
    return `ImageJ ${told.get('version')?.[0] ?? 'of unknown version'}`
  },
  judge: async (files, scratch) => {
    const keys = files.map((_, i) => join(scratch, `image-${i}`))
    const judgements: Judgement[] = []
    // One run for all of them; a file that ends ImageJ is refused, and the next run begins behind it.
    while (judgements.length < files.length) {
      const from = judgements.length
      const told = await macro(files.slice(from), keys.slice(from), join(scratch, `list-${from}`))
      for (const key of keys.slice(from)) {
        const judgement = judgementOf(told.get(key), key)
        if (judgement === undefined) break
        judgements.push(judgement)
      }
      if (judgements.length === from) throw new Error('ImageJ did not come to the first image of its list.')
    }
    return judgements
  }
}
