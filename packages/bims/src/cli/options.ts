import { newError } from '@bims/core/errors'
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

/** For commands that queue attachments for the ledger. */
export const withAttach = (command: Command): Command =>
  command.addOption(
    new Option(
      '--attach <MIB>',
      "attachments of a record that are kept on the ledger, in your organisation's private collection, up to so many MiB (default: 8; 0: none)"
    ).env('BIMS_ATTACH')
  )

/** Most bytes of attachments, where the option says it. Throws `usage`. */
export const attachmentBytesOf = ({ attach }: { readonly attach?: string }): { readonly attachmentBytes?: number } => {
  if (attach === undefined) return {}
  if (!/^\d{1,4}(?:\.\d{1,3})?$/.test(attach))
    throw newError('usage', `"${attach}" is no number of MiB.`, 'Give a number such as 8, or 0 for none.')
  return { attachmentBytes: Math.floor(Number(attach) * 1024 * 1024) }
}

/** Adds a worked example to the help of a command. */
export const withExample = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExample:\n${lines.map(line => `  $ ${line}`).join('\n')}`)
