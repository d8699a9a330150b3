// Every option of the builder stands here, so that replacing tsup (docs/decisions/tsup-behind-one-file.md) is a change
// to this file. A package's tsup.config.ts says only what is special about it.
import { defineConfig, type Options } from 'tsup'
import { binEntries, distEntries } from './tools/packaging/manifest.ts'
import { readManifest, root } from './tools/workspace/packages.ts'

/** What a package may say about its own build. */
export interface PackageBuild {
  /** Name in dist → source, of what is started or loaded by file name: workers, daemons, conditional imports. */
  readonly programs?: Readonly<Record<string, string>>
  /** Development dependencies that are bundled into dist. */
  readonly bundled?: readonly string[]
  /** Imports that stay as they stand, beyond the package's own dependencies. */
  readonly external?: readonly string[]
  /** Which of the two module forms; default both. */
  readonly formats?: readonly ('esm' | 'cjs')[]
}

/**
 * ESM, CJS and types of one package, run in its folder. Entries are the `exports` and `bin` of its package.json, which
 * point to sources; all outputs lie flat in dist, so that a file found by `new URL('./x.js', import.meta.url)` is found
 * from every entry and every chunk.
 */
export const packageBuild = (build: PackageBuild = {}): ReturnType<typeof defineConfig> => {
  const manifest = readManifest('package.json')
  const options: Options = {
    entry: { ...distEntries(manifest), ...binEntries(manifest), ...build.programs },
    outDir: 'dist',
    platform: 'node',
    target: 'node22.12',
    format: [...(build.formats ?? ['esm', 'cjs'])],
    dts: true,
    // import.meta.url in CJS.
    shims: true,
    splitting: true,
    clean: true,
    silent: true,
    noExternal: [...(build.bundled ?? [])],
    external: [...(build.external ?? [])],
    tsconfig: `${root}tsconfig.json`
  }
  return defineConfig(options)
}
