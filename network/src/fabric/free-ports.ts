import { createServer } from 'node:net'

// Below the range from which systems take ports for outgoing connections: a port that is kept over restarts must not be
// in use for one of those when its node comes back.
const [lowest, highest] = [20_000, 32_000]

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })

/** Finds ports of the loopback address that nothing listens at. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const found: number[] = []
  let port = lowest + Math.floor(Math.random() * (highest - lowest))
  for (let tried = 0; found.length < count && tried < highest - lowest; tried++) {
    if (await isFree(port)) found.push(port)
    port = port + 1 < highest ? port + 1 : lowest
  }
  return found
}
