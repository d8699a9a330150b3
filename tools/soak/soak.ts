import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../workspace/packages.ts'

/** A long trial. A file `…/test/soak/NAME.soak.ts` exports one by the name `soak`. */
export interface Soak {
  /** What is put through it and what must hold. */
  readonly what: string
  /** Runs for about so many minutes; `say` prints a line of progress. Resolves to what was wrong: empty if nothing. */
  readonly run: (request: {
    readonly minutes: number
    readonly say: (line: string) => void
  }) => Promise<readonly string[]>
}

const trials = (): ReadonlyMap<string, string> =>
  new Map(
    globSync(['network/test/soak/*.soak.ts', 'packages/*/test/soak/*.soak.ts'], { cwd: root }).map(file => [
      basename(file, '.soak.ts'),
      file
    ])
  )

/** `pnpm soak NAME --minutes N`. */
export const soak = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { minutes: { type: 'string', default: '1' } }
  })
  const [name] = positionals
  const known = trials()
  const file = known.get(name ?? '')
  const minutes = Number(values.minutes)
  if (file === undefined || !(minutes > 0)) {
    console.error('pnpm soak NAME --minutes N (more than 0). There are:')
    for (const each of known.keys()) console.error(`  ${each}`)
    return 2
  }
  const { soak: trial } = (await import(pathToFileURL(root + file).href)) as { readonly soak: Soak }
  console.log(`${file}: ${trial.what} (${minutes} min)`)
  const wrong = await trial.run({ minutes, say: line => console.log(line) })
  for (const line of wrong) console.log(`WRONG: ${line}`)
  console.log(wrong.length === 0 ? 'held' : `${wrong.length} things were wrong`)
  return wrong.length === 0 ? 0 : 1
}
