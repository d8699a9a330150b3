import { execute, type Execution } from '../workspace/execute.ts'
import { workspacePackages } from '../workspace/packages.ts'

const entryPoints = (): readonly string[] =>
  workspacePackages().flatMap(({ folder, manifest }) =>
    Object.values(manifest.exports)
      .filter(source => source.endsWith('.ts'))
      .map(source => `${folder}/${source.slice(2)}`)
  )

const typedoc = (output: readonly string[]): Promise<Execution> =>
  execute('typedoc', [
    ...['--name', 'BIMS', '--readme', 'tools/documents/reference-home.md', '--tsconfig', 'tsconfig.json'],
    // Types are tsc's gate.
    ...['--skipErrorChecking', '--treatWarningsAsErrors', '--logLevel', 'Warn', '--disableSources'],
    ...['--validation.notExported', '--validation.notDocumented', '--validation.invalidLink'],
    ...['Variable', 'Function', 'Class', 'Interface', 'TypeAlias'].flatMap(kind => ['--requiredToBeDocumented', kind]),
    ...output,
    ...entryPoints()
  ])

/** Whether the reference documentation would be made without a warning. */
export const checkReference = (): Promise<Execution> => typedoc(['--emit', 'none'])

/** Writes the reference documentation to docs/api. */
export const writeReference = (): Promise<Execution> => typedoc(['--out', 'docs/api'])
