import { newError } from '@bims/core/errors'
import type { ChaincodeCollections, EmbeddedOptions, NetworkStatus, UserRequest } from '@bims/network'
import { Option, type Command } from 'commander'
import { collected, withExample, withJson } from '../options.ts'
import type { Act } from '../act.ts'
import { chaincodesOf, pairsOf, policiesOf, portsOf, type ChaincodeFlag } from '../network-flags.ts'
import type { OutboxStatus } from '../../submit/backlog.ts'
import { outboxWords } from '../outbox-words.ts'
import { columns } from '../words.ts'
import { composeFabric, printFabric, startFabric } from '../fabric.ts'

interface NetworkFlags {
  readonly json?: boolean
  readonly dir: string
}

interface UpFlags extends NetworkFlags {
  readonly fabric?: boolean
  readonly bft?: boolean
  readonly compose?: boolean
  readonly channel?: string
  readonly endorsement?: EmbeddedOptions['endorsement']
  readonly chaincode?: readonly ChaincodeFlag[]
  readonly port?: readonly string[]
  readonly concurrency?: string
  readonly collections?: readonly string[]
  readonly policy?: readonly string[]
}

interface EnrollFlags extends NetworkFlags {
  readonly role?: UserRequest['role']
  readonly attribute?: readonly string[]
}

// An empty variable of a script would otherwise fill the folder in which it happens to run.
const folderOf = (text: string): string => {
  if (text === '') throw newError('usage', 'The folder of the network has no name.', 'Give one with --dir DIR.')
  return text
}

const withDir = (command: Command): Command =>
  withJson(command).addOption(
    new Option('--dir <DIR>', 'folder of the network').env('BIMS_NETWORK').default('./.bims').argParser(folderOf)
  )

const chaincodeWords = ({ address, connected }: NetworkStatus['chaincodes'][number]): string => {
  const place = address?.replace(/^listen:/, 'awaited at 127.0.0.1:') ?? 'in the ledger itself'
  return `${place}, ${connected ? 'connected' : 'not connected'}`
}

const chaincodeName = ({ name, organization }: NetworkStatus['chaincodes'][number]): string =>
  organization === undefined ? `chaincode ${name}` : `chaincode ${name} of ${organization}`

const statusWords = (status: NetworkStatus, outbox?: OutboxStatus): string =>
  columns([
    ['profile', status.profile],
    ['running', status.running ? 'yes' : 'no'],
    ...status.organizations.map(
      ({ endpoint, identities, name }) =>
        [name, `${endpoint}, as ${identities.map(user => `${name}/${user}`).join(', ')}`] as const
    ),
    ...status.chaincodes.map(chaincode => [chaincodeName(chaincode), chaincodeWords(chaincode)] as const),
    ...outboxWords(outbox)
  ])

const numberOf = (text: string): number => {
  if (!/^[0-9]{1,9}$/.test(text)) throw newError('usage', `"${text}" is no number of calls.`, 'Give a whole number.')
  return Number(text)
}

const optionsOf = (flags: UpFlags, collections: ChaincodeCollections | undefined): Omit<EmbeddedOptions, 'dir'> => ({
  ...(flags.channel === undefined ? {} : { channel: flags.channel }),
  ...(flags.endorsement === undefined ? {} : { endorsement: flags.endorsement }),
  ...(flags.chaincode === undefined ? {} : { moreChaincodes: chaincodesOf(flags.chaincode) }),
  ...(flags.port === undefined ? {} : { ports: portsOf(flags.port) }),
  ...(flags.concurrency === undefined ? {} : { concurrency: numberOf(flags.concurrency) }),
  ...(flags.policy === undefined ? {} : { policies: policiesOf(flags.policy) }),
  ...(collections === undefined ? {} : { collections })
})

// Loaded only where there is such a file: to start a ledger takes less than to read it.
const collectionsIn = async (flags: readonly string[] | undefined): Promise<ChaincodeCollections | undefined> =>
  flags === undefined ? undefined : (await import('../collections.ts')).collectionsOf(flags)

const addUp = (group: Command, act: Act): void => {
  const command = withDir(group.command('up').description('Start the ledger of a folder; it keeps running by itself.'))
    .option('--channel <NAME>', 'name of the channel of a new ledger (default: bims)')
    .option(
      '--endorsement <RULE>',
      "who must endorse in a new ledger: any, majority or all of the organisations, or a policy such as OR('Org1MSP.peer','Org2MSP.peer') (default: majority)"
    )
    .option(
      '--chaincode <NAME=PLACE>',
      'another Fabric chaincode: HOST:PORT of one that runs as a service, listen:PORT for one that connects to it; NAME@ORG=PLACE for one that only the peer of this organisation calls',
      collected
    )
    .option(
      '--port <ORG=PORT>',
      "port of an organisation's peer (default: any that is free, then always the same)",
      collected
    )
    .option(
      '--collections <NAME=FILE>',
      "explicit private collections of a chaincode: Fabric's collections_config.json",
      collected
    )
    .option(
      '--policy <NAME=RULE>',
      "who must endorse the transactions of one chaincode: any, majority, all, or a policy such as AND('Org1MSP.peer','Org2MSP.peer')",
      collected
    )
    .option('--concurrency <N>', 'calls that a peer serves side by side, 0 for no limit (default: 500)')
    .option('--fabric', "a real Hyperledger Fabric network from Fabric's own programs, in FABRIC_BIN or on the PATH")
    .option('--compose', 'only write a compose file with such a network for a container engine (untried)')
    .option('--bft', 'with --fabric: four orderers that agree by BFT instead of three by Raft')
  withExample(
    command,
    'bims network up --dir ./lab',
    'bims network up --dir ./fabric --fabric',
    'bims network up --dir ./lab --channel mychannel --chaincode basic=127.0.0.1:9999 --port org1=7051'
  ).action(async (_, self: Command) => {
    const options = self.optsWithGlobals<UpFlags>()
    return act(options, async context => {
      const { print } = context
      if (options.compose === true) return composeFabric(context, options.dir)
      const { holdsFabric, networkUp } = await import('@bims/network')
      if (options.fabric === true || options.bft === true || (await holdsFabric(options.dir)))
        return startFabric(context, options.dir, options, await collectionsIn(options.collections))
      const status = await networkUp(options.dir, optionsOf(options, await collectionsIn(options.collections)))
      print(status, () => statusWords(status))
    })
  })
}

const addDown = (group: Command, act: Act): void => {
  const command = withDir(group.command('down').description('Stop the ledger of a folder; nothing is deleted.'))
  withExample(command, 'bims network down --dir ./lab').action(async (_, self: Command) => {
    const options = self.optsWithGlobals<NetworkFlags>()
    return act(options, async ({ print }) => {
      const { fabricDown, holdsFabric, networkDown } = await import('@bims/network')
      if (await holdsFabric(options.dir)) return printFabric(print, await fabricDown(options.dir))
      const status = await networkDown(options.dir)
      print(status, () => statusWords(status))
    })
  })
}

const addStatus = (group: Command, act: Act): void => {
  const command = withDir(
    group
      .command('status')
      .description('Tell whether the ledger of a folder runs, and where; and what waits in the outbox.')
  ).addOption(new Option('--outbox <DIR>', 'folder of the outbox (default: ./.bims/outbox)').env('BIMS_OUTBOX'))
  withExample(command, 'bims network status --dir ./lab').action(async (_, self: Command) => {
    const options = self.optsWithGlobals<NetworkFlags & { readonly outbox?: string }>()
    return act(options, async ({ print }) => {
      const { fabricStatus, holdsFabric, networkStatus } = await import('@bims/network')
      const { outboxStatus } = await import('../../submit/backlog.ts')
      const isFabric = await holdsFabric(options.dir)
      const outbox = await outboxStatus(options.outbox)
      if (isFabric) return printFabric(print, await fabricStatus(options.dir), outbox)
      const status = await networkStatus(options.dir)
      print(outbox === undefined ? status : { ...status, outbox }, () => statusWords(status, outbox))
    })
  })
}

const addEnroll = (group: Command, act: Act): void => {
  const command = withDir(group.command('enroll').description('Make an identity of an organisation of the ledger.'))
    .argument('<ORG/NAME>')
    .addOption(new Option('--role <ROLE>', 'role in BIMS').choices(['instrument', 'scientist', 'steward', 'auditor']))
    .option('--attribute <NAME=VALUE>', 'attribute of the certificate, for other chaincode', collected)
  withExample(
    command,
    'bims network enroll org1/carol --role scientist --dir ./lab',
    'bims network enroll org1/creator --attribute abac.creator=true --dir ./lab'
  ).action(async (who: string, _, self: Command) => {
    const options = self.optsWithGlobals<EnrollFlags>()
    return act(options, async ({ print }) => {
      const [organization, name, ...more] = who.split('/')
      if (organization === undefined || name === undefined || more.length > 0)
        throw newError('usage', `"${who}" is not ORG/NAME.`, 'Name the organisation and the user: org1/carol.')
      const { enroll } = await import('@bims/network')
      const attributes = pairsOf(options.attribute ?? [])
      const role = options.role === undefined ? {} : { role: options.role }
      const enrolled = await enroll(options.dir, organization, { name, attributes, ...role })
      print(enrolled, () =>
        columns([
          ['identity', enrolled.identity],
          ['file', enrolled.file],
          ['msp', enrolled.msp]
        ])
      )
    })
  })
}

const addRevoke = (group: Command, act: Act): void => {
  const command = withDir(
    group.command('revoke').description('Revoke an identity of an organisation of the ledger, for good.')
  ).argument('<ORG/NAME>')
  withExample(command, 'bims network revoke org1/carol --dir ./lab').action(async (who: string, _, self: Command) => {
    const options = self.optsWithGlobals<NetworkFlags>()
    return act(options, async ({ print }) => {
      const { fabricRevoke, holdsFabric, revoke } = await import('@bims/network')
      const revoked = await ((await holdsFabric(options.dir))
        ? fabricRevoke(options.dir, who)
        : revoke(options.dir, who))
      print(revoked, () =>
        columns([
          ['identity', revoked.identity],
          ['serial number', revoked.serialNumber],
          ['list', revoked.list]
        ])
      )
    })
  })
}

const addCollections = (group: Command, act: Act): void => {
  const command = withJson(
    group
      .command('collections')
      .description("Print the private collections that the BIMS chaincode's definition needs on a channel of others.")
      .argument('<MSPID...>', 'MSP ids of all organisations of the channel')
  )
  withExample(command, 'bims network collections Org1MSP Org2MSP > collections_config.json').action(
    async (mspIds: readonly string[], _, self: Command) => {
      const options = self.optsWithGlobals<{ readonly json?: boolean }>()
      return act(options, async ({ print }) => {
        const { restrictedCollections } = await import('../collections.ts')
        const collections = restrictedCollections(mspIds)
        print(collections, () => JSON.stringify(collections, undefined, 2))
      })
    }
  )
}

/** `bims network up|down|status|enroll|revoke|collections`. */
export const addNetwork = (program: Command, act: Act): void => {
  const group = withJson(
    program
      .command('network')
      .usage('<up|down|status|enroll|revoke|collections> [options]')
      .description('Start, stop or ask for an embedded ledger on this machine, or make or revoke an identity of it.')
  )
  withExample(group, 'bims network up --dir ./lab', 'bims network status --dir ./lab')
  group.argument('[up|down|status|enroll|revoke|collections]').action((action: string | undefined) => {
    const what =
      action === undefined ? 'Nothing is said to do with a network.' : `"${action}" is nothing to do with a network.`
    throw newError(
      'usage',
      what,
      'Use up, down, status, enroll, revoke or collections; `bims network --help` tells what each does.'
    )
  })
  for (const add of [addUp, addDown, addStatus, addEnroll, addRevoke, addCollections]) add(group, act)
}
