import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import { dropThread, takeThread, warmThread } from '../../src/embedded/chaincode-thread.ts'
import { probe } from '../fixtures/probe.ts'

const told = { module: '@bims/chaincode', name: 'bims', version: '1.0', ccid: 'bims:1.0' }

afterEach(dropThread)

it('a thread that was begun before is taken once, and runs what it is told', async () => {
  warmThread(told.module)
  warmThread(told.module)
  const first = takeThread()
  const second = takeThread()
  try {
    expect(second.threadId).toBeGreaterThan(first.threadId)
    first.postMessage(told)
    expect(await once(first, 'message')).toEqual([{ loaded: true }])
  } finally {
    await Promise.all([first.terminate(), second.terminate()])
  }
})

it('tells why it cannot run what it is told', async () => {
  warmThread(told.module)
  const thread = takeThread()
  try {
    thread.postMessage({ ...told, module: 'no-such-module' })
    const [answer]: unknown[] = await once(thread, 'message')
    expect(answer).toMatchObject({ error: expect.stringContaining('no-such-module') })
  } finally {
    await thread.terminate()
  }
})

it('runs another module than was likely, also where that one cannot be loaded', async () => {
  for (const likely of ['@bims/no-such-module', told.module]) {
    warmThread(likely)
    const thread = takeThread()
    try {
      thread.postMessage({ ...told, ...probe })
      expect(await once(thread, 'message')).toEqual([{ loaded: true }])
    } finally {
      await thread.terminate()
    }
  }
})

it('one that nobody took ends', async () => {
  warmThread(told.module)
  await dropThread()
  const next = takeThread()
  expect(next.threadId).toBeGreaterThan(0)
  await next.terminate()
})
