import { parseArgs } from 'node:util'
import type { Execution } from '../workspace/execute.ts'
import { summaryLine, writeSummary } from '../workspace/summary.ts'
import { type Gate, gates } from './gates.ts'

interface Passed extends Execution {
  readonly gate: Gate
  readonly seconds: number
  readonly verdict: 'pass' | 'FAIL' | 'skip'
}

const chosen = (names: readonly string[]): readonly Gate[] => {
  if (names.length === 0) return gates
  const wanted = new Set(names)
  // A gate brings along what it needs; needs stand before it in the list.
  for (const gate of gates.toReversed()) if (wanted.has(gate.name)) for (const need of gate.needs) wanted.add(need)
  return gates.filter(({ name }) => wanted.has(name))
}

const runGate = async (gate: Gate, update: boolean): Promise<Passed> => {
  const start = performance.now()
  const done = await Promise.resolve()
    .then(() => gate.run(update))
    .catch((error: unknown): Execution => ({
      status: 1,
      output: error instanceof Error ? (error.stack ?? '') : String(error)
    }))
  return { ...done, gate, seconds: (performance.now() - start) / 1000, verdict: done.status === 0 ? 'pass' : 'FAIL' }
}

const report = ({ gate, seconds, verdict, output }: Passed): void => {
  if (verdict === 'FAIL') console.log(`\n=== ${gate.name} (${gate.what})\n${output}\n`)
  else console.log(`${verdict}  ${gate.name}  ${seconds.toFixed(1)} s`)
}

/** Runs two gates at a time, each as soon as what it needs has passed. */
const runAll = async (plan: readonly Gate[], update: boolean): Promise<readonly Passed[]> => {
  const waiting = [...plan]
  const running = new Map<string, Promise<Passed>>()
  const done: Passed[] = []
  const verdictOf = (name: string): Passed['verdict'] | undefined =>
    done.find(({ gate }) => gate.name === name)?.verdict
  while (waiting.length > 0 || running.size > 0) {
    const blocked = waiting.findIndex(({ needs }) =>
      needs.some(need => ['FAIL', 'skip'].includes(verdictOf(need) ?? ''))
    )
    const ready = waiting.findIndex(({ needs }) => needs.every(need => verdictOf(need) === 'pass'))
    const [skipped] = blocked < 0 ? [] : waiting.splice(blocked, 1)
    if (skipped !== undefined) {
      done.push({ gate: skipped, seconds: 0, verdict: 'skip', status: 0, output: '' })
      continue
    }
    const [next] = ready < 0 || running.size >= 2 ? [] : waiting.splice(ready, 1)
    if (next !== undefined) {
      running.set(next.name, runGate(next, update))
      continue
    }
    const passed = await Promise.race(running.values())
    running.delete(passed.gate.name)
    done.push(passed)
    report(passed)
  }
  return done
}

/** `pnpm check [GATE…] [--update]`: runs the gates, all of them whatever fails, and prints a table. */
export const check = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { update: { type: 'boolean', default: false } }
  })
  const unknown = positionals.filter(name => !gates.some(gate => gate.name === name))
  if (unknown.length > 0) {
    console.error(`No gate ${unknown.join(', ')}; there are: ${gates.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const plan = chosen(positionals)
  const done = await runAll(plan, values.update)
  console.log()
  for (const { name, what } of plan) {
    const passed = done.find(({ gate }) => gate.name === name)
    console.log(
      `${passed?.verdict ?? 'skip'}  ${name.padEnd(10)} ${(passed?.seconds ?? 0).toFixed(1).padStart(6)} s  ${what}`
    )
  }
  const count = (verdict: Passed['verdict']): number => done.filter(passed => passed.verdict === verdict).length
  const summary = { passed: count('pass'), failed: count('FAIL'), skipped: count('skip') }
  writeSummary('check', summary)
  console.log(summaryLine(summary))
  return summary.failed + summary.skipped > 0 ? 1 : 0
}
