import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))

const works = (python: string, module: string): boolean => {
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A Python that has the modules, or undefined: BIMS_PYTHON, the project's own judges, or the machine's. */
export const pythonWith = (...modules: readonly string[]): string | undefined =>
  [process.env['BIMS_PYTHON'], `${root}.cache/judges/bin/python`, 'python3']
    .filter(python => python !== undefined && (python === 'python3' || existsSync(python)))
    .find((python): python is string => python !== undefined && modules.every(module => works(python, module)))

/** Runs the judge of this folder and returns what it prints. */
export const judge = (python: string, ...words: readonly string[]): string =>
  execFileSync(python, ['-W', 'ignore', fileURLToPath(new URL('./judge.py', import.meta.url)), ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore']
  })

/** Where the sample files are, next to the project. */
export const samplesFolder = `${root}../shared/samples`
