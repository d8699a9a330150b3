import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor'
import type { Execution } from '../workspace/execute.ts'
import { root, type WorkspacePackage, workspacePackages } from '../workspace/packages.ts'
import { distEntries } from './manifest.ts'

const configOf = (folder: string, name: string, scratch: string): IConfigFile => ({
  projectFolder: root + folder,
  mainEntryPointFilePath: `<projectFolder>/dist/${name}.d.ts`,
  compiler: {
    overrideTsconfig: {
      compilerOptions: {
        target: 'es2022',
        lib: ['es2022', 'dom'],
        module: 'nodenext',
        moduleResolution: 'nodenext',
        strict: true,
        skipLibCheck: true,
        types: ['node']
      },
      files: [`${root}${folder}/dist/${name}.d.ts`]
    }
  },
  apiReport: {
    enabled: true,
    reportFileName: `${name}.api.md`,
    reportFolder: '<projectFolder>/api/',
    reportTempFolder: scratch
  },
  docModel: { enabled: false },
  dtsRollup: { enabled: false },
  tsdocMetadata: { enabled: false },
  messages: {
    // Types are tsc's gate; seen from a dist, the other packages are still their sources here.
    compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    extractorMessageReporting: {
      default: { logLevel: ExtractorLogLevel.Warning },
      // Release tags are not used: everything exported is public.
      'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
      // Only of the other packages' sources; the entry itself is a .d.ts.
      'ae-wrong-input-file-type': { logLevel: ExtractorLogLevel.None },
      // What must be documented is typedoc's gate.
      'ae-undocumented': { logLevel: ExtractorLogLevel.None },
      // Links between entry points of a package; typedoc, which sees them all, checks every link.
      'ae-unresolved-link': { logLevel: ExtractorLogLevel.None }
    },
    // TSDoc itself is typedoc's gate.
    tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } }
  }
})

const extract = (folder: string, name: string, update: boolean): readonly string[] => {
  if (!existsSync(`${root}${folder}/dist/${name}.d.ts`)) return [`${folder}/dist/${name}.d.ts is not built`]
  const found: string[] = []
  const scratch = `${root}.cache/api/${folder.replaceAll('/', '-')}`
  mkdirSync(scratch, { recursive: true })
  mkdirSync(`${root}${folder}/api`, { recursive: true })
  const config = ExtractorConfig.prepare({
    configObject: configOf(folder, name, scratch),
    configObjectFullPath: undefined,
    packageJsonFullPath: `${root}${folder}/package.json`
  })
  const result = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: message => {
      message.handled = true
      if (/^console-api-report-(created|copied)$/.test(message.messageId)) return
      if (message.logLevel === ExtractorLogLevel.Error || message.logLevel === ExtractorLogLevel.Warning) {
        found.push(`${folder}/api/${name}.api.md: ${message.formatMessageWithLocation(root)}`)
      }
    }
  })
  if (result.apiReportChanged && !update) {
    found.push(
      `${folder}/api/${name}.api.md is not what the package exports: pnpm check api --update, and read the change`
    )
  }
  return found
}

const reportsOf = ({ folder, manifest }: WorkspacePackage, update: boolean): readonly string[] => {
  const names = Object.keys(distEntries(manifest))
  const reports = `${root}${folder}/api`
  const strays = existsSync(reports)
    ? readdirSync(reports).filter(file => !names.includes(file.replace('.api.md', '')))
    : []
  if (update) for (const file of strays) rmSync(`${reports}/${file}`)
  const left = update ? [] : strays.map(file => `${folder}/api/${file} belongs to no entry point`)
  return [...left, ...names.flatMap(name => extract(folder, name, update))]
}

/** Compares the report of every entry point, as built, with the one kept in the package; or renews those. */
export const checkApiReports = (update: boolean): Execution => {
  const found = workspacePackages().flatMap(member => reportsOf(member, update))
  return { status: found.length, output: found.join('\n') }
}
