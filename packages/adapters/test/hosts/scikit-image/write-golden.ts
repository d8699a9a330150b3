/** Writes golden.json anew, with the real library: `BIMS_PYTHON=… node packages/adapters/test/hosts/scikit-image/write-golden.ts`. */
import { writeFileSync } from 'node:fs'
import { goldenCalls, toPlain } from './golden-calls.ts'
import { findPython, ReferenceProcess } from './reference-process.ts'

const found = findPython()
if ('why' in found) throw new Error(found.why)
const reference = new ReferenceProcess(found.python)
const lines: string[] = []
for (const call of goldenCalls) {
  const answer = await reference.call(call)
  if ('error' in answer) throw new Error(`${call.id}: ${answer.error}`)
  const inputs = Object.fromEntries(Object.entries(call.inputs).map(([name, array]) => [name, toPlain(array)]))
  lines.push(JSON.stringify({ id: call.id, inputs, parameters: call.parameters, result: toPlain(answer) }))
}
reference.end()
writeFileSync(new URL('./golden.json', import.meta.url), `[\n${lines.join(',\n')}\n]\n`)
