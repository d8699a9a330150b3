import { Command, CommanderError } from 'commander'
import { newError } from '@bims/core/errors'
import type { Act } from './act.ts'
import { addMarks, addRestricted } from './commands/act-on-records.ts'
import { addAudit } from './commands/audit.ts'
import { addDemo } from './commands/demo.ts'
import { addDigest } from './commands/digest.ts'
import { addExtract } from './commands/extract.ts'
import { addFind } from './commands/find.ts'
import { addInspect } from './commands/inspect.ts'
import { addNetwork } from './commands/network.ts'
import { addReceipt } from './commands/receipt.ts'
import { addReplay } from './commands/replay.ts'
import { addRestore } from './commands/restore.ts'
import { addSave } from './commands/save.ts'
import { addSlice } from './commands/slice.ts'
import { addStrip } from './commands/strip.ts'
import { addSubmit } from './commands/submit.ts'
import { addVerify } from './commands/verify.ts'
import { newContext, printError } from './context.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { errorOf, type Io } from './io.ts'
import { version } from '../version.ts'

const quiet = { writeOut: () => undefined, writeErr: () => undefined }

/**
 * Runs the program and gives its exit code. Nothing is printed but through `io`, nothing ends the process.
 * `args` as on the command line, without node and script.
 */
export const runProgram = async (args: readonly string[], io: Io): Promise<number> => {
  let exitCode: number = exitCodes.done
  const asJson = args.includes('--json')
  const act: Act = async (options, work) => {
    const context = newContext(io, options.json === true)
    try {
      await work(context)
    } finally {
      context.progress.end()
    }
    exitCode = context.exitCode()
  }
  const program = new Command('bims')
    .description('Keep the history of scientific images: acquire, log, save, submit, verify, replay.')
    .version(version)
    .exitOverride()
    .configureOutput({ ...quiet, writeOut: io.out })
    .showHelpAfterError(false)
  for (const add of [
    addInspect,
    addDigest,
    addSlice,
    addSave,
    addExtract,
    addVerify,
    addSubmit,
    addFind,
    addRestore,
    addReceipt,
    addRestricted,
    addMarks,
    addAudit,
    addReplay,
    addStrip,
    addNetwork,
    addDemo
  ])
    add(program, act)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return exitCodes.done
      if (args.length === 0) {
        io.err(program.helpInformation())
        return exitCodes.bad
      }
      printError(
        io,
        asJson,
        newError(
          'usage',
          thrown.message.replace(/^error: /, ''),
          '`bims --help` lists the commands, `bims COMMAND --help` shows an example.'
        )
      )
      return exitCodes.bad
    }
    const error = errorOf(thrown)
    printError(io, asJson, error)
    return exitCodeOf(error._tag)
  }
}
