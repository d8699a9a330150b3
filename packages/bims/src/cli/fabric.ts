import { newError } from '@bims/core/errors'
import type { ChaincodeCollections, Endorsement, FabricOptions, FabricStatus, ServiceChaincode } from '@bims/network'
import type { CommandContext } from './context.ts'
import { chaincodesOf, isEndorsementRule, policiesOf } from './network-flags.ts'
import type { OutboxStatus } from '../submit/backlog.ts'
import { outboxWords } from './outbox-words.ts'
import { columns } from './words.ts'

/** What `bims network up --fabric` takes. */
export interface FabricFlags {
  readonly bft?: boolean
  readonly channel?: string
  readonly endorsement?: string
  readonly chaincode?: readonly string[]
  readonly policy?: readonly string[]
  readonly port?: readonly string[]
  readonly concurrency?: string
}

const services = (flags: readonly string[]): readonly ServiceChaincode[] =>
  chaincodesOf(flags).map(({ name, address, organizations }) => {
    if (organizations !== undefined)
      throw newError('usage', `${name} has processes of single organisations.`, 'Leave NAME@ORG out with --fabric.')
    if (address === undefined)
      throw newError('usage', `${name} is to connect to its peer.`, 'Fabric itself dials: give NAME=HOST:PORT.')
    return { name, address }
  })

const ruleOf = (text: string): Endorsement => {
  if (isEndorsementRule(text)) return text
  throw newError(
    'usage',
    'With --fabric the endorsement rule is any, majority or all.',
    'Give a chaincode another policy with --policy NAME=RULE.'
  )
}

const optionsOf = (flags: FabricFlags, collections: ChaincodeCollections | undefined): FabricOptions => {
  if (flags.port !== undefined || flags.concurrency !== undefined)
    throw newError('usage', '--port and --concurrency are for the embedded ledger.', 'Leave them out with --fabric.')
  return {
    ...(flags.bft === undefined ? {} : { consensus: flags.bft ? 'bft' : 'raft' }),
    ...(flags.channel === undefined ? {} : { channel: flags.channel }),
    ...(flags.endorsement === undefined ? {} : { endorsement: ruleOf(flags.endorsement) }),
    ...(flags.chaincode === undefined ? {} : { chaincodes: services(flags.chaincode) }),
    ...(flags.policy === undefined ? {} : { policies: policiesOf(flags.policy) }),
    ...(collections === undefined ? {} : { collections })
  }
}

const fabricWords = (status: FabricStatus): string =>
  columns([
    ['profile', status.profile],
    ['running', status.running ? 'yes' : 'no'],
    ['fabric', `${status.release}, orderers agree by ${status.consensus}`],
    ...status.organizations.map(
      ({ endpoint, identities, name }) =>
        [name, `${endpoint}, as ${identities.map(user => `${name}/${user}`).join(', ')}`] as const
    ),
    ...status.processes.map(
      ({ name, endpoint, pid, serves }) =>
        [
          name,
          pid === undefined ? `${endpoint}, stopped` : `${endpoint}, process ${pid}${serves ? '' : ', silent'}`
        ] as const
    ),
    ...status.chaincodes.flatMap(({ name, collections }) =>
      collections === undefined ? [] : [[`collections ${name}`, collections] as const]
    ),
    ...status.chaincodes.map(({ name, packageIds }) => {
      const ids = [...new Set(Object.values(packageIds))]
      return [
        `chaincode ${name}`,
        ids.length === 1 ? `CHAINCODE_ID ${ids[0] ?? ''}` : 'one for each organisation'
      ] as const
    })
  ])

/** Prints the status of a Fabric network, and of an outbox where one is told. */
export const printFabric = (print: CommandContext['print'], status: FabricStatus, outbox?: OutboxStatus): void =>
  print(outbox === undefined ? status : { ...status, outbox }, () => fabricWords(status) + columns(outboxWords(outbox)))

/** Starts a Fabric network and prints its status. */
export const startFabric = async (
  { io, print, progress }: CommandContext,
  dir: string,
  flags: FabricFlags,
  collections?: ChaincodeCollections
): Promise<void> => {
  const { fabricUp } = await import('@bims/network')
  const told = (what: string, fraction: number): void => progress.update(what, fraction)
  printFabric(
    print,
    await fabricUp(dir, {
      ...optionsOf(flags, collections),
      progress: told,
      signal: io.signal
    })
  )
}

/** Writes a network for a container engine and tells how to start it. */
export const composeFabric = async ({ print }: CommandContext, dir: string): Promise<void> => {
  const { writeCompose } = await import('@bims/network')
  const written = await writeCompose(dir)
  print(written, () =>
    columns([
      ['compose', written.compose],
      ['profile', written.profile],
      ['start', `docker compose --file ${written.compose} up --detach`]
    ])
  )
}
