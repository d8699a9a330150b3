import { newConsumer } from '../packaging/consumer.ts'
import type { Benchmark } from './benchmark.ts'
import { byTurns, timed } from './benchmark.ts'

/** The installed program, as packed, against Node doing nothing. */
export const cliColdStart: Benchmark = {
  name: 'cli-cold-start',
  what: 'cold start of the installed program (`bims --version`) against `node -e 0`',
  goal: 3,
  run: async () => {
    const consumer = await newConsumer()
    try {
      const start = (...args: readonly string[]): Promise<number> =>
        timed(async () => {
          const { status, stderr } = await consumer.run('node', args)
          if (status !== 0) throw new Error(stderr)
        })
      const program = 'node_modules/bims/dist/bin.js'
      await start(program, '--version')
      const { subject, baseline } = await byTurns(
        15,
        () => start(program, '--version'),
        () => start('-e', '0')
      )
      return {
        ratio: subject / baseline,
        figures: [`bims ${subject.toFixed(0)} ms, node ${baseline.toFixed(0)} ms (medians of 15)`]
      }
    } finally {
      consumer.remove()
    }
  }
}
