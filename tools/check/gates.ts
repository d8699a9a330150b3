import { buildPackages, packTarballs } from '../packaging/build.ts'
import { attwTarballs, publintTarballs } from '../packaging/lint-tarballs.ts'
import { checkManifests } from '../packaging/manifests.ts'
import { checkErrorPage } from '../documents/error-page.ts'
import { checkReference } from '../documents/reference.ts'
import { execute, type Execution } from '../workspace/execute.ts'

/** One thing that must hold of the whole workspace. */
export interface Gate {
  readonly name: string
  /** What it makes sure of, in a few words. */
  readonly what: string
  /** Gates that must have passed before it can be asked. */
  readonly needs: readonly string[]
  readonly run: (update: boolean) => Execution | Promise<Execution>
}

const listed = (found: readonly string[]): Execution => ({ status: found.length, output: found.join('\n') })

const apart = (name: string, update: boolean): Promise<Execution> =>
  execute('node', ['tools/check/apart.ts', name, ...(update ? ['--update'] : [])])

const folders = ['packages', 'network', 'examples', 'tools']

/** All gates; the long ones that others wait for come first. */
export const gates: readonly Gate[] = [
  {
    name: 'manifests',
    what: 'package.json files agree with their exports',
    needs: [],
    run: update => listed(checkManifests(update))
  },
  { name: 'build', what: 'ESM, CJS and types of every package', needs: [], run: buildPackages },
  {
    name: 'lint',
    what: 'ESLint, type-checked',
    needs: [],
    run: update => execute('eslint', ['.', '--max-warnings', '0', ...(update ? ['--fix'] : [])])
  },
  { name: 'types', what: 'TypeScript, strict, sources and tests', needs: [], run: () => execute('tsc', ['-p', '.']) },
  { name: 'pack', what: 'tarballs', needs: ['build'], run: packTarballs },
  { name: 'api', what: 'API reports as kept', needs: ['build'], run: update => apart('api', update) },
  { name: 'publint', what: 'the tarballs, warnings as errors', needs: ['pack'], run: publintTarballs },
  { name: 'attw', what: 'types of the tarballs, from ESM, CJS and bundlers', needs: ['pack'], run: attwTarballs },
  {
    name: 'imports',
    what: 'which way imports point',
    needs: [],
    run: () => execute('depcruise', ['--config', '.dependency-cruiser.cjs', ...folders])
  },
  {
    name: 'unused',
    what: 'no unused file, export or dependency',
    needs: [],
    run: () => execute('knip', ['--no-progress', '--no-config-hints'])
  },
  {
    name: 'format',
    what: 'Prettier',
    needs: [],
    run: update => execute('prettier', [update ? '--write' : '--check', '--log-level', 'warn', '.'])
  },
  { name: 'reference', what: 'typedoc, warnings as errors', needs: [], run: checkReference },
  { name: 'snippets', what: 'code in TSDoc and Markdown compiles', needs: [], run: () => apart('snippets', false) },
  { name: 'errors', what: 'docs/errors.md is current', needs: [], run: checkErrorPage }
]
