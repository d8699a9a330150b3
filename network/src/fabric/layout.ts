import { join } from 'node:path'

/** Where the files of a real Fabric network stand in its folder. */
export interface Layout {
  readonly dir: string
  readonly profile: string
  /** What the network was made with. */
  readonly plan: string
  /** All that is not keys: settings, data, logs. */
  readonly own: string
  readonly lock: string
  readonly channelSettings: string
  readonly genesisBlock: string
  readonly builder: string
  readonly package: (chaincode: string, organization: string) => string
  /** The collections of a chaincode as Fabric's tools take them. */
  readonly collections: (chaincode: string) => string
  readonly node: (name: string) => NodeFolder
  readonly organization: (name: string) => OrganizationFolder
}

/** Files of one process. */
export interface NodeFolder {
  /** Folder with its settings file; FABRIC_CFG_PATH. */
  readonly settings: string
  readonly data: string
  readonly log: string
  /** Which process runs it. */
  readonly process: string
}

/** Keys of one organisation. */
export interface OrganizationFolder {
  readonly dir: string
  /** What the channel knows of it. */
  readonly msp: string
  readonly adminMsp: string
  readonly tlsRoot: string
  readonly nodeMsp: (node: string) => string
  readonly tls: (node: string) => { readonly certificate: string; readonly key: string }
  readonly adminTls: { readonly certificate: string; readonly key: string }
}

const tlsIn = (dir: string): { readonly certificate: string; readonly key: string } => ({
  certificate: join(dir, 'tls', 'server.crt'),
  key: join(dir, 'tls', 'server.key')
})

/** The layout of a network's folder, as the process sees it to whose eyes the folder has the path given. */
export const layoutOf = (dir: string): Layout => {
  const own = join(dir, 'fabric')
  return {
    dir,
    profile: join(dir, 'profile.json'),
    plan: join(own, 'plan.json'),
    own,
    lock: join(own, 'lock'),
    channelSettings: join(own, 'channel'),
    genesisBlock: join(own, 'channel', 'genesis.block'),
    builder: join(own, 'builder'),
    collections: chaincode => join(own, 'collections', `${chaincode}.json`),
    package: (chaincode, organization) => join(own, 'packages', `${chaincode}.${organization}.tgz`),
    node: name => {
      const folder = join(own, 'nodes', name)
      return {
        settings: join(folder, 'settings'),
        data: join(folder, 'data'),
        log: join(folder, 'log.txt'),
        process: join(folder, 'process')
      }
    },
    organization: name => {
      const folder = join(dir, 'organizations', name)
      return {
        dir: folder,
        msp: join(folder, 'msp'),
        adminMsp: join(folder, 'admin', 'msp'),
        tlsRoot: join(folder, 'tls-root.pem'),
        nodeMsp: node => join(folder, node, 'msp'),
        tls: node => tlsIn(join(folder, node)),
        adminTls: tlsIn(join(folder, 'admin'))
      }
    }
  }
}
