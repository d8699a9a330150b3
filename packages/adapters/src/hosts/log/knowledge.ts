import type { Operation } from '@bims/core'
import { type CallEffects, type Knowledge, plainEffects } from '../../python/session/knowledge.ts'
import { vocabularyOperation } from '../vocabulary.ts'
import { knownCalls, knownMethods, otherPaths, scalarCalls, viewCalls } from './known-calls.ts'
import { preamble, preambleName } from './preamble.ts'

const resultOf = (id: string): CallEffects['result'] =>
  scalarCalls.has(id) ? 'number' : viewCalls.has(id) ? 'view' : 'fresh'

const ofOperation = (operation: Operation): CallEffects => ({
  ...plainEffects,
  id: operation.id,
  name: operation.name,
  tool: operation.tool,
  version: operation.version,
  doc: operation.doc,
  signature: operation.signature,
  parameters: operation.parameters,
  mutates: operation.writes.filter(write => write !== 'return'),
  result: resultOf(operation.id)
})

/** What a log's header says of the program and its libraries. */
export interface LogTools {
  readonly host: { readonly name: string; readonly version?: string }
  /** Library name → version. */
  readonly libraries: Readonly<Record<string, string>>
}

/** Names of libraries whose package is called otherwise. */
const libraryNames: Readonly<Record<string, string>> = { skimage: 'scikit-image' }

const wordOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

const toolOf = ({ host, libraries }: LogTools, path: string): { readonly tool: string; readonly version: string } => {
  const [root = ''] = path.split('.')
  const tool = libraryNames[root] ?? root
  if (Object.hasOwn(libraries, tool)) return { tool, version: libraries[tool] ?? '' }
  return wordOf(root) === wordOf(host.name) ? { tool: host.name, version: host.version ?? '' } : { tool, version: '' }
}

/** The version is that of the log's own library, where its header names one. */
const versioned = (tools: LogTools, effects: CallEffects | undefined): CallEffects | undefined => {
  if (effects === undefined) return undefined
  const named = effects.tool === '' ? toolOf(tools, effects.id) : { tool: effects.tool, version: effects.version }
  return {
    ...effects,
    tool: named.tool,
    version: Object.hasOwn(tools.libraries, named.tool) ? (tools.libraries[named.tool] ?? '') : named.version
  }
}

const find = (path: string): CallEffects | undefined => {
  const id = Object.hasOwn(otherPaths, path) ? (otherPaths[path] ?? path) : path
  const operation = vocabularyOperation(id)
  return operation === undefined ? knownCalls.get(id) : ofOperation(operation)
}

const numberAttributes: ReadonlySet<string> = new Set([
  'shape',
  'size',
  'ndim',
  'dtype',
  'itemsize',
  'nbytes',
  'strides',
  '__name__',
  '__version__'
])

/** What the BIMS log form knows: the scikit-image vocabulary, NumPy, and a few calls of Python. */
export const newLogKnowledge = (tools: LogTools): Knowledge => ({
  call: path => versioned(tools, find(path)),
  method: (name, on) =>
    on === 'image' || on === 'number'
      ? versioned(tools, find(`numpy.ndarray.${name}`) ?? knownMethods.get(name))
      : undefined,
  attribute: name => (numberAttributes.has(name) ? 'number' : 'view'),
  toolOf: path => toolOf(tools, path),
  isModule: () => false,
  preamble: { code: preamble, name: preambleName },
  unbound: 'refused',
  framedEvidence: 'authored'
})
