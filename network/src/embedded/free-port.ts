import { createServer } from 'node:net'

/**
 * Tells whether a port of this machine can be listened at. Asked before the gRPC library tries: that one writes to
 * standard error when it cannot have a port.
 */
export const isFreePort = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
