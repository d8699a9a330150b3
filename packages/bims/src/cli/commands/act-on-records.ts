import type { Command } from 'commander'
import type { ActReport } from '../../restricted/act-on-records.ts'
import type { Act } from '../act.ts'
import { withExample, withIdentity, type WhoAndWhere } from '../options.ts'
import { columns, counted, short } from '../words.ts'

interface ActFlags extends WhoAndWhere {
  readonly of?: string
  readonly reason?: string
}

const words = (done: string, { records }: ActReport): string =>
  columns(records.map(({ block, id }) => [`${done} ${short(id)}`, `in block ${block}`]))

const withOf = (command: Command): Command =>
  withIdentity(command).option('--of <USER>', 'whose submission is meant, where several made it')

/** `bims share|release|purge`: what is done with restricted records. */
export const addRestricted = (program: Command, act: Act): void => {
  withExample(
    withOf(
      program
        .command('share')
        .description('Let another organisation have restricted records and their attachments. It cannot be taken back.')
        .argument('<ORG>')
        .argument('<FILE|ID...>', 'saved files, or ids of records')
    ),
    'bims share org2 unpublished.tif --network ./lab'
  ).action(async (receiver: string, names: readonly string[], options: ActFlags) =>
    act(options, async ({ print }) => {
      const { share } = await import('../../restricted/act-on-records.ts')
      const report = await share(names, receiver, options)
      print(
        report,
        () => words(`shared with ${receiver}`, report) + `${counted(report.attachments.length, 'attachment')} shared\n`
      )
    })
  )
  withExample(
    withOf(
      program
        .command('release')
        .description('Make restricted records public, byte for byte.')
        .argument('<FILE|ID...>', 'saved files, or ids of records')
    ),
    'bims release unpublished.tif --network ./lab'
  ).action(async (names: readonly string[], options: ActFlags) =>
    act(options, async ({ print }) => {
      const { release } = await import('../../restricted/act-on-records.ts')
      const report = await release(names, options)
      print(report, () => words('released', report))
    })
  )
  withExample(
    withIdentity(
      program
        .command('purge')
        .description(
          'Remove restricted records and their attachments from the peers of your organisation, as its steward; hashes stay.'
        )
        .argument('<FILE|ID...>', 'saved files, or ids of records')
    ),
    'bims purge sha256:… --as org1/sam --network ./lab'
  ).action(async (names: readonly string[], options: ActFlags) =>
    act(options, async ({ print }) => {
      const { purge } = await import('../../restricted/act-on-records.ts')
      const report = await purge(names, options)
      print(report, () => words('purged', report) + `${counted(report.attachments.length, 'attachment')} purged\n`)
    })
  )
}

/** `bims supersede|withdraw`: what is said of records since. */
export const addMarks = (program: Command, act: Act): void => {
  withExample(
    withOf(
      program
        .command('supersede')
        .description('Say that a newer record takes the place of one that was submitted.')
        .argument('<ID>')
        .argument('<NEWER>')
        .option('--reason <TEXT>')
    ),
    'bims supersede sha256:… sha256:… --reason "wrong scale" --network ./lab'
  ).action(async (target: string, replacement: string, options: ActFlags) =>
    act(options, async ({ print }) => {
      const { supersede } = await import('../../restricted/act-on-records.ts')
      const report = await supersede(target, replacement, options)
      print(report, () => words(`superseded ${short(target)} by`, report))
    })
  )
  withExample(
    withOf(
      program
        .command('withdraw')
        .description('Say that a submitted record should no longer be relied on; it stays on the ledger.')
        .argument('<ID>')
        .option('--reason <TEXT>')
    ),
    'bims withdraw sha256:… --reason "mixed-up sample" --network ./lab'
  ).action(async (target: string, options: ActFlags) =>
    act(options, async ({ print }) => {
      const { withdraw } = await import('../../restricted/act-on-records.ts')
      const report = await withdraw(target, options)
      print(report, () => words(`withdrawn ${short(target)} by`, report))
    })
  )
}
