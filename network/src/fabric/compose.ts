import { mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { newError } from '@bims/core'
import { writeWholeFile } from '../files/whole-file.ts'
import { threeOrganizations } from '../organizations/default-organizations.ts'
import { serviceEnvironment } from './chaincode-service.ts'
import type { Command } from './command.ts'
import { packageIdOf, restrictedCollections, writeCollections, writePackages } from './deployment.ts'
import { freePorts } from './free-ports.ts'
import { layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'
import {
  approveChaincode,
  commitChaincode,
  installChaincode,
  joinOrderer,
  joinPeer,
  makeGenesisBlock
} from './lifecycle.ts'
import { containerPlace } from './place.ts'
import type { Place } from './place.ts'
import { bimsChaincode, newPlan, peersOf, portCount } from './plan.ts'
import type { FabricPlan, PlannedChaincode } from './plan.ts'
import { writeProfile } from './profile-file.ts'
import type { Settings } from './peer-settings.ts'
import { writeAllSettings } from './settings-files.ts'
import { tuning } from './tuning.ts'

/** The release whose images the compose file names: the last line for which one with all of Fabric's programs is given out. */
const composeRelease = '2.5.16'

const mount = '/network'
const image = (name: string): string => `hyperledger/fabric-${name}:${composeRelease}`

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const scriptLine = ({ args, environment, expected, program, what }: Command): string => {
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`)
  const call = [...settings, program, ...args.map(quoted)].join(' ')
  const checked = expected === undefined ? call : `${call} 2>&1 | grep -q ${quoted(expected.source)}`
  return `echo ${quoted(what)}\nuntil ${checked}; do sleep 1; done`
}

/** The same calls that the native launcher makes, one after the other, each until it succeeds; done once. */
const setupScript = async (
  plan: FabricPlan,
  place: Place,
  layout: Layout,
  chaincode: PlannedChaincode
): Promise<string> => {
  const first = plan.organizations.flatMap(({ name }) => peersOf(plan, name).slice(0, 1))
  const approvals = first.map(async peer =>
    approveChaincode(plan, place, chaincode, peer, await packageIdOf(layout, chaincode, peer.organization))
  )
  const commands = [
    makeGenesisBlock(plan, place),
    ...plan.orderers.map(orderer => joinOrderer(plan, place, orderer)),
    ...plan.peers.map(peer => joinPeer(plan, place, peer)),
    ...plan.peers.map(peer => installChaincode(plan, place, chaincode, peer)),
    ...(await Promise.all(approvals)),
    ...first.slice(0, 1).map(peer => commitChaincode(plan, place, chaincode, peer))
  ]
  const done = join(place.layout.own, 'set-up')
  return `#!/bin/sh\n[ -e ${done} ] && exit 0\n${commands.map(scriptLine).join('\n')}\ntouch ${done}\n`
}

const volumes = [`.:${mount}`]

const fabricNode = (place: Place, name: string, kind: 'peer' | 'orderer', ports: readonly number[]): Settings => ({
  image: image(kind),
  hostname: name,
  command: kind === 'peer' ? ['peer', 'node', 'start'] : ['orderer'],
  environment: { FABRIC_CFG_PATH: place.layout.node(name).settings, FABRIC_LOGGING_SPEC: tuning.logging },
  volumes,
  ports: ports.map(port => `127.0.0.1:${port}:${port}`),
  restart: 'unless-stopped'
})

/** The compose file as a value. */
const composeOf = async (
  plan: FabricPlan,
  place: Place,
  layout: Layout,
  chaincode: PlannedChaincode
): Promise<Settings> => {
  const orderers = plan.orderers.map(({ name, port, operationsPort }): readonly [string, Settings] => [
    name,
    fabricNode(place, name, 'orderer', [port, operationsPort])
  ])
  const peers = plan.peers.map(({ name, port, operationsPort }): readonly [string, Settings] => [
    name,
    fabricNode(place, name, 'peer', [port, operationsPort])
  ])
  const services = plan.services.map(async (service): Promise<readonly [string, Settings]> => [
    service.name,
    {
      image: 'node:24-slim',
      hostname: service.name,
      working_dir: '/opt/bims',
      command: [
        'sh',
        '-c',
        'npm install --silent @bims/chaincode && exec node node_modules/@bims/chaincode/dist/server.cjs'
      ],
      environment: serviceEnvironment(
        plan,
        service,
        await packageIdOf(layout, chaincode, service.organization),
        '0.0.0.0'
      ),
      restart: 'unless-stopped'
    }
  ])
  const nodes = Object.fromEntries<Settings>([...orderers, ...peers, ...(await Promise.all(services))])
  return {
    services: {
      ...nodes,
      setup: {
        image: image('tools'),
        command: ['sh', join(place.layout.own, 'set-up.sh')],
        volumes,
        depends_on: Object.keys(nodes)
      }
    }
  }
}

const exists = (...path: readonly string[]): Promise<boolean> =>
  stat(join(...path)).then(
    () => true,
    () => false
  )

/**
 * Writes a network for a container engine into an empty folder: keys, settings, profile and compose.yaml (JSON, which is
 * YAML); every setting is that of the native network. Untried: no container engine was at hand.
 * @throws `file-exists` where the folder holds a network already.
 */
export const writeCompose = async (folder: string): Promise<{ readonly compose: string; readonly profile: string }> => {
  const layout = layoutOf(resolve(folder))
  if (await exists(layout.dir, 'organizations'))
    throw newError('file-exists', `The folder ${layout.dir} holds a network already.`, 'Choose another folder.')
  const place = containerPlace(mount)
  const request = {
    consensus: 'raft',
    release: composeRelease,
    channel: 'bims',
    organizations: threeOrganizations
  } as const
  const planned = newPlan(request, await freePorts(portCount(request)))
  const chaincode: PlannedChaincode = {
    name: bimsChaincode,
    version: '1.0',
    sequence: 1,
    endorsement: 'majority',
    collections: restrictedCollections(planned.organizations)
  }
  await mkdir(layout.own, { recursive: true })
  const { makeKeyMaterial } = await import('./key-material.ts')
  await makeKeyMaterial(layout.dir, planned)
  await writePackages(planned, place, layout, chaincode)
  await writeCollections(layout, chaincode)
  await writeAllSettings(planned, place, layout)
  await Promise.all(planned.peers.map(({ name }) => mkdir(layout.node(name).data, { recursive: true })))
  await Promise.all(planned.orderers.map(({ name }) => mkdir(layout.node(name).data, { recursive: true })))
  const plan = { ...planned, chaincodes: [chaincode], made: true }
  await writeProfile(plan, layout)
  await writeWholeFile(join(layout.own, 'set-up.sh'), await setupScript(plan, place, layout, chaincode), 0o755)
  const compose = join(layout.dir, 'compose.yaml')
  await writeWholeFile(compose, `${JSON.stringify(await composeOf(plan, place, layout, chaincode), undefined, 2)}\n`)
  return { compose, profile: layout.profile }
}
