import { globSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import type { Execution } from '../workspace/execute.ts'
import { root } from '../workspace/packages.ts'
import { commentSnippets, markdownSnippets, type Snippet } from './snippet.ts'

const read = (file: string): string => readFileSync(root + file, 'utf8')

const files = (...patterns: readonly string[]): readonly string[] =>
  globSync([...patterns], {
    cwd: root,
    exclude: ['**/node_modules/**', 'docs/api/**', '**/dist/**', '**/api/*.api.md']
  }).sort()

const allSnippets = (): readonly Snippet[] => [
  ...files('packages/*/src/**/*.ts', 'network/src/**/*.ts').flatMap(file => commentSnippets(file, read(file))),
  ...files('*.md', 'docs/**/*.md', 'packages/*/*.md', 'network/*.md', 'examples/**/*.md').flatMap(file =>
    markdownSnippets(file, read(file))
  )
]

// A snippet is compiled where it can import what its reader can: in the package whose comment it stands in, and those of
// documents in the package `bims`, which sees all others.
const place = (snippet: Snippet, index: number): string => {
  const folder = /^(packages\/[^/]+|network)\//.exec(snippet.file)?.[1] ?? 'packages/bims'
  return `${root}${folder}/snippet-${index}.ts`
}

const compilerOptions = (): ts.CompilerOptions => {
  const config = ts.readConfigFile(`${root}tsconfig.json`, path => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, files: [], include: [] }, ts.sys, root)
  // An example may make a value that it does not use.
  return { ...options, noUnusedLocals: false, noUnusedParameters: false }
}

/** Compiles every `ts` block of the doc comments and the Markdown files; nothing is written. */
export const checkSnippets = (): Execution => {
  const snippets = new Map(allSnippets().map((snippet, index) => [place(snippet, index), snippet]))
  const options = compilerOptions()
  const host = ts.createCompilerHost(options)
  const onDisk = ts.createCompilerHost(options)
  // `export {}` makes every snippet a module of its own.
  const textOf = (path: string): string | undefined => {
    const snippet = snippets.get(path)
    return snippet === undefined ? undefined : `${snippet.code}\nexport {}\n`
  }
  host.fileExists = path => snippets.has(path) || onDisk.fileExists(path)
  host.readFile = path => textOf(path) ?? onDisk.readFile(path)
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = textOf(path)
    return text === undefined
      ? onDisk.getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, text, languageVersion, true)
  }
  const program = ts.createProgram([...snippets.keys()], options, host)
  const found = [...snippets].flatMap(([path, snippet]) => {
    const source = program.getSourceFile(path)
    const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return diagnostics.map(({ start = 0, messageText }) => {
      const line = snippet.line + (source?.getLineAndCharacterOfPosition(start).line ?? 0)
      return `${snippet.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  })
  return { status: found.length, output: [`${snippets.size} snippets`, ...found].join('\n') }
}
