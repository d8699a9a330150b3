import type { Manifest } from '../workspace/packages.ts'

/** The name in dist of a subpath of `exports`: `.` is `index`, `./containers/tiff` is `containers-tiff`. */
export const distName = (subpath: string): string => (subpath === '.' ? 'index' : subpath.slice(2).replaceAll('/', '-'))

/** Name in dist → source of every subpath of `exports` that is code. */
export const distEntries = (manifest: Manifest): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(manifest.exports)
      .filter(([, source]) => source.endsWith('.ts'))
      .map(([subpath, source]) => [distName(subpath), source])
  )

/** Name in dist → source of the programs in `bin`. */
export const binEntries = (manifest: Manifest): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.values(manifest.bin ?? {}).map(source => [fileStem(source), source]))

const fileStem = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.ts$/, '')

const built = (name: string): object => ({
  import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
  require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` }
})

const publishedImports = (value: unknown): unknown =>
  typeof value === 'string'
    ? built(fileStem(value))
    : Object.fromEntries(Object.entries(value ?? {}).map(([condition, inner]) => [condition, publishedImports(inner)]))

/**
 * The `publishConfig` that follows from a manifest: during development `exports`, `imports` and `bin` point to sources,
 * and in the tarball to dist. pnpm swaps them when it packs.
 */
export const publishConfigOf = (manifest: Manifest): Readonly<Record<string, unknown>> => ({
  access: 'public',
  exports: Object.fromEntries(
    Object.entries(manifest.exports).map(([subpath, source]) => [
      subpath,
      source.endsWith('.ts') ? built(distName(subpath)) : source
    ])
  ),
  ...(manifest.imports === undefined ? {} : { imports: publishedImports(manifest.imports) }),
  ...(manifest.bin === undefined
    ? {}
    : {
        bin: Object.fromEntries(
          Object.entries(manifest.bin).map(([name, source]) => [name, `./dist/${fileStem(source)}.js`])
        )
      })
})
