import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { benchmarks } from './benchmarks.ts'

interface Row {
  readonly name: string
  readonly what: string
  readonly ratio: number
  readonly goal: number
  readonly holds: boolean
}

const measure = async ({ name, what, goal, run }: Benchmark): Promise<Row> => {
  console.error(`${name}: ${what} …`)
  const { ratio, figures, alsoHolds = true } = await run()
  for (const figure of figures) console.error(`  ${figure}`)
  return { name, what, ratio: Number(ratio.toFixed(3)), goal, holds: ratio <= goal && alsoHolds }
}

/** `pnpm bench [NAME…] [--json]`: standard output holds the table, or one JSON value; exit code 1 where a goal is missed. */
export const bench = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } }
  })
  const unknown = positionals.filter(name => !benchmarks.some(benchmark => benchmark.name === name))
  if (unknown.length > 0) {
    console.error(`No benchmark ${unknown.join(', ')}; there are: ${benchmarks.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const rows: Row[] = []
  for (const benchmark of benchmarks) {
    if (positionals.length === 0 || positionals.includes(benchmark.name)) rows.push(await measure(benchmark))
  }
  if (values.json) console.log(JSON.stringify(rows, undefined, 2))
  else {
    for (const { name, what, ratio, goal, holds } of rows) {
      console.log(
        `${holds ? 'holds ' : 'MISSED'}  ${name.padEnd(18)} ${ratio.toFixed(2).padStart(7)} × (goal ${goal} ×)  ${what}`
      )
    }
  }
  return rows.every(({ holds }) => holds) ? 0 : 1
}
