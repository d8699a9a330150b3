// Every option of the builder stands here, so that replacing tsup (docs/decisions/tsup-behind-one-file.md) is a change
// to this file. A package's tsup.config.ts says only what is special about it.
import { defineConfig, type Options } from 'tsup'
import { binEntries, distEntries } from './tools/packaging/manifest.ts'
import { readManifest, root } from './tools/workspace/packages.ts'

/** What a package may say about its own build. */
export interface PackageBuild {
  /** Name in dist → source, of what is started by file name: workers, daemons. ES modules only, as `bin` is. */
  readonly programs?: Readonly<Record<string, string>>
  /** Name in dist → source, of what is started by file name where only CommonJS may be had; in both module forms. */
  readonly services?: Readonly<Record<string, string>>
  /** Name in dist → source, of what conditional imports lead to; in both module forms. */
  readonly conditional?: Readonly<Record<string, string>>
  /** Development dependencies that are bundled into dist, beside those that no dependency names. */
  readonly bundled?: readonly string[]
  /** Imports that stay as they stand, beyond the package's own dependencies. */
  readonly external?: readonly string[]
}

/**
 * ESM, CJS and types of one package, run in its folder. Entries are the `exports` and `bin` of its package.json, which
 * point to sources; all outputs lie flat in dist, so that a file found by `new URL('./x.js', import.meta.url)` is found
 * from every entry and every chunk.
 */
export const packageBuild = (build: PackageBuild = {}): ReturnType<typeof defineConfig> => {
  const manifest = readManifest('package.json')
  const entry = { ...distEntries(manifest), ...build.conditional }
  const shared: Options = {
    outDir: 'dist',
    platform: 'node',
    target: 'node22.12',
    // import.meta.url in CJS.
    shims: true,
    splitting: true,
    silent: true,
    noExternal: [...(build.bundled ?? [])],
    external: [...(build.external ?? [])],
    tsconfig: `${root}tsconfig.json`
  }
  return defineConfig([
    { ...shared, format: ['esm'], entry: { ...entry, ...binEntries(manifest), ...build.programs, ...build.services } },
    { ...shared, format: ['cjs'], entry: { ...entry, ...build.services } },
    // Types of both forms in one pass.
    { ...shared, format: ['esm', 'cjs'], entry, dts: { only: true } }
  ])
}
