import { Option, type Command } from 'commander'

/** Options that say who acts and on which network. */
export interface WhoAndWhere {
  /** ORG/USER of the profile. */
  readonly as?: string
  /** PEM file with a certificate chain and a PKCS#8 key. */
  readonly identity?: string
  /** Folder with the network's profile.json. */
  readonly network?: string
  /** Folder of the outbox. */
  readonly outbox?: string
  readonly json?: boolean
}

/** Every command takes `--json`. */
export const withJson = (command: Command): Command => command.option('--json', 'print exactly one JSON value')

/** For commands that sign or talk to a ledger. */
export const withIdentity = (command: Command): Command =>
  withJson(command)
    .option('--as <ORG/USER>', 'act as this user of the network profile')
    .option('--identity <FILE>', 'act as the owner of this PEM file (certificate chain and PKCS#8 key)')
    .addOption(new Option('--network <DIR>', 'folder of the network profile').env('BIMS_NETWORK'))
    .addOption(new Option('--outbox <DIR>', 'folder of the outbox').env('BIMS_OUTBOX'))

/** For an option that may be given several times. */
export const collected = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text
]

/** Adds a worked example to the help of a command. */
export const withExample = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExample:\n${lines.map(line => `  $ ${line}`).join('\n')}`)
