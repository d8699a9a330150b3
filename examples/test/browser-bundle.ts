import { build } from 'esbuild'

/** Which Node builtins a bundle for browsers would pull in, and the bundle. */
export interface BrowserBundle {
  readonly builtins: readonly string[]
  readonly code: string
}

/** Bundles `code`, standing in `folder`, for browsers; what it exports stands in the global `bundle`. */
export const bundleForBrowser = async (folder: string, code: string): Promise<BrowserBundle> => {
  const builtins: string[] = []
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder, loader: 'js' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'bundle',
    logLevel: 'silent',
    plugins: [
      {
        name: 'builtins',
        setup: bundler => {
          const names =
            /^(node:.*|assert|async_hooks|buffer|child_process|crypto|dns|events|fs|fs\/promises|http|https|net|os|path|perf_hooks|process|stream|string_decoder|tls|url|util|vm|worker_threads|zlib)$/
          bundler.onResolve({ filter: names }, ({ path, importer }) => {
            builtins.push(`${path} from ${importer}`)
            return { path, external: true }
          })
        }
      }
    ]
  })
  return { builtins, code: outputFiles[0]?.text ?? '' }
}
