import { existsSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { root, type Manifest, type WorkspacePackage, workspacePackages } from '../workspace/packages.ts'
import { publishConfigOf } from './manifest.ts'

/** What every published package.json says; `publishConfig` follows from its `exports`, `imports` and `bin`. */
const fixedMembers = (manifest: Manifest): Readonly<Record<string, unknown>> => ({
  license: 'Apache-2.0',
  type: 'module',
  engines: { node: '>=22.12' },
  files: ['dist'],
  main: './dist/index.cjs',
  types: './dist/index.d.cts',
  publishConfig: publishConfigOf(manifest)
})

const deviations = ({ folder, manifest }: WorkspacePackage): readonly string[] => {
  const wrong = Object.entries(fixedMembers(manifest))
    .filter(([member, value]) => !isDeepStrictEqual(manifest[member], value))
    .map(([member]) => `${folder}/package.json: "${member}" is not what it follows from`)
  const missing = Object.values(manifest.exports)
    .filter(source => source.endsWith('.ts') && !existsSync(`${root}${folder}/${source}`))
    .map(source => `${folder}/package.json: exports ${source}, which does not exist`)
  const readme = existsSync(`${root}${folder}/README.md`) ? [] : [`${folder}: no README.md`]
  return [...wrong, ...missing, ...readme]
}

/** Every place where a package.json differs from what follows; with `update` they are rewritten first. */
export const checkManifests = (update: boolean): readonly string[] => {
  const packages = workspacePackages()
  if (update) {
    for (const { folder, manifest } of packages) {
      const text = JSON.stringify({ ...manifest, ...fixedMembers(manifest) }, undefined, 2) + '\n'
      writeFileSync(`${root}${folder}/package.json`, text)
    }
  }
  return (update ? workspacePackages() : packages).flatMap(deviations)
}
