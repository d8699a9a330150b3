import { layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'

/** Where the nodes run: what settings of theirs depend on it, and nothing else does. */
export interface Place {
  /** Host under which other nodes reach the node of a name. */
  readonly host: (node: string) => string
  /** Address at which nodes listen. */
  readonly listen: string
  /** The network's files as the nodes see them. */
  readonly layout: Layout
}

/** All nodes as processes of this machine, on its loopback address. */
export const nativePlace = (dir: string): Place => ({
  host: () => 'localhost',
  listen: '127.0.0.1',
  layout: layoutOf(dir)
})

/** Each node in a container of its own, with the network's folder mounted at the path given. */
export const containerPlace = (mount: string): Place => ({
  host: node => node,
  listen: '0.0.0.0',
  layout: layoutOf(mount)
})
