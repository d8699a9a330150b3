import { mkdirSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { execute, type Execution } from '../workspace/execute.ts'
import { inParallel } from '../workspace/parallel.ts'
import { type WorkspacePackage, workspacePackages } from '../workspace/packages.ts'
import { tarballOf } from './build.ts'

const findings = (found: readonly string[]): Execution => ({ status: found.length, output: found.join('\n') })

const publintOf = async (member: WorkspacePackage): Promise<readonly string[]> => {
  const unpacked = tarballOf(member).replace(/\.tgz$/, '')
  mkdirSync(unpacked, { recursive: true })
  const tar = await execute('tar', ['-xzf', tarballOf(member), '-C', unpacked, '--strip-components=1'])
  if (tar.status !== 0) return [tar.output]
  const { messages, pkg } = await publint({ pkgDir: unpacked, pack: false, strict: true })
  return messages.map(
    message => `${member.manifest.name}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`
  )
}

/** publint, warnings as errors, over the packed tarballs. */
export const publintTarballs = async (): Promise<Execution> =>
  findings((await inParallel(workspacePackages(), 2, publintOf)).flat())

const attwOf = async (member: WorkspacePackage): Promise<readonly string[]> => {
  const done = await execute('attw', [
    tarballOf(member),
    '--format',
    'ascii',
    '--no-emoji',
    '--no-color',
    '--profile',
    'node16'
  ])
  return done.status === 0 ? [] : [done.output]
}

/** "Are the types wrong?" over the packed tarballs, for every module resolution that reads `exports`. */
export const attwTarballs = async (): Promise<Execution> =>
  findings((await inParallel(workspacePackages(), 2, attwOf)).flat())
